using System.Text;

namespace Klp.Tests.Base;

/// <summary>One text of our own, and what xz 5.4, zstd 1.5, bzip2 1.0, lz4 1.9 and lzop 1.04 made of it.</summary>
internal static class CompressedSamples
{
    public const int Length = 4000;

    /// <summary>Words, runs, noise and repetitions, so that every kind of instruction of every format occurs.</summary>
    public static byte[] Text()
    {
        var text = new List<byte>();
        var x = 12345L;
        while (text.Count < Length)
        {
            x = (x * 1103515245 + 12345) & 0x7fffffff;
            switch ((x >> 16) % 4)
            {
                case 0:
                    text.AddRange(Encoding.ASCII.GetBytes($"klp_{(x >> 8) % 1000}_patch "));
                    break;
                case 1:
                    text.AddRange(Enumerable.Repeat((byte)(65 + (x >> 8) % 26), (int)(1 + (x >> 10) % 300)));
                    break;
                case 2:
                    text.AddRange(Enumerable.Range(0, (int)((x >> 9) % 16)).Select(i => (byte)(x >> (i % 16))));
                    break;
                case 3 when text.Count > 20:
                    var distance = (int)(1 + (x >> 7) % Math.Min(text.Count, 3000));
                    for (var n = 3 + (x >> 3) % 80; n > 0; n--)
                    {
                        text.Add(text[^distance]);
                    }

                    break;
            }
        }

        return [.. text.Take(Length)];
    }

    public static byte[] Compressed(string name) => Convert.FromBase64String(All[name]);

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["Xz"] =
            "/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4A+fATddADWbCmZzJClC/VfmZh4g3cOp9AApoLylsxgjrW8Imnrc5qF5oSrO6ijSBCnGWjmM3R8ymJOHEGg/ggR9zAMaIDT5wPl4UyJ9+/E6" +
            "Vh4HuS4YA0q2LlkeloXcUNB3Qc7/m7bf7ua48xbTE95a7n8j4W2hnGodP1YjZok9kL23/bKmyd/3oYUfuoHuFhGcbfTLu3/v+ZE1qc5kaiiZ57QyI8KKAiYvFInbpIRdfaC8AIAKJbcy" +
            "7ulKomgQNJUYRjNEeynIzzgCxnqGLQOmh5uWuVTJCGwCoimE+R/9D3d3SW/bknxKa332YGzZZRvdWp39qNgCGgtnpZe9XRZKAA1n45dSsGV/P6+M9151b3p1A0F7dSGnh9gaz7634FSk" +
            "OmesadhjCA6yNIojc2vncweabCWmv2qSw+gAAAAWeuWf3HkaMQAB0wKgHwAAdBQud7HEZ/sCAAAAAARZWg==",
        ["XzWithBranchFilter"] =
            "/Td6WFoAAAFpIt42AgEEACEBEACLIW9J4A+fATddADWbCmZzJClC/VfmZh4g3cOp9AApoLylsxgjrW8Imnrc5qF5oSrO6ijSBCnGWjmM3R8ymJOHEGg/ggR9zAMaIDT5wPl4UyJ9+/E6" +
            "Vh4HuS4YA0q2LlkeloXcUNB3Qc7/m7bf7ua48xbTE95a7n8j4W2hnGodP1YjZok9kL23/bKmyd/3oYUfuoHuFhGcbfTLu3/v+ZE1qc5kaiiZ57QyI8KKAiYvFInbpIRdfaC8AIAKJbcy" +
            "7ulKomgQNJUYRjNEeynIzzgCxnqGLQOmh5uWuVTJCGwCoimE+R/9D3d3SW/bknxKa332YGzZZRvdWp39qNgCGgtnpZe9XRZKAA1n45dSsGV/P6+M9151b3p1A0F7dSGnh9gaz7634FSk" +
            "OmesadhjCA6yNIojc2vncweabCWmv2qSw+gAAADJjrBkAAHPAqAfAACU1joDPjANiwIAAAAAAVla",
        ["Lzma"] =
            "XQAAgAD//////////wA1mwpmcyQpQv1X5mYeIN3DqfQAKaC8pbMYI61vCJp63OaheaEqzuoo0gQpxlo5jN0fMpiThxBoP4IEfcwDGiA0+cD5eFMiffvxOlYeB7kuGANKti5ZHpaF3FDQ" +
            "d0HO/5u23+7muPMW0xPeWu5/I+FtoZxqHT9WI2aJPZC9t/2ypsnf96GFH7qB7hYRnG30y7t/7/mRNanOZGoomee0MiPCigImLxSJ26SEXX2gvACACiW3Mu7pSqJoEDSVGEYzRHspyM84" +
            "AsZ6hi0DpoeblrlUyQhsAqIphPkf/Q93d0lv25J8Smt99mBs2WUb3Vqd/ajYAhoLZ6WXvV0WSgANZ+OXUrBlfz+vjPdedW96dQNBe3Uhp4fYGs++t+BUpDpnrGnYYwgOsjSKI3Nr53MH" +
            "mmwlpr9qlt9uGx/8htqG",
        ["Zstd"] =
            "KLUv/WSgDjUKAJQLa2xwXzgzMF9wYXRjaCA5NjdN9Xq93m+3Wy2WS6VNSVhxuFyu12tWq9Xqdbrd7nc7nVI1MDjiLpfLZbJYTTM2MUY0NzBXMTVYT1g3OEU2MjY4NlljRhmMxuPx+Px+" +
            "Px+Px2MxGDI31er1ej2ez2ezV3i8Xi+Xy+VyuVyu1zRSTo1GIxFNOTA2ODRPRzIyME1YU8Hg8Ph8vl+vVyuVZrPZbLbbbbZbLZbLZadTqdTqdbpUqr0zODNLV1A8oMGklkFKSgsZNgPQ" +
            "bIJRUO13FLRSmQjT41t/1IJxlrvOWgVLE6aTvWD9m36Q3mTsWgehTFbXdk9zi7JeM4RAhWVszRfhs6vTmUr4geRNqsmizB4fmdJel7BakjcCOLoT1Xnowk4MrwdUxQ5C64kU4OO49G5N" +
            "hGjgbPgX1kA1hRVhzSWyk5hQWJUK2wbz2g==",
        ["ZstdWithoutSize"] =
            "KLUv/QBoNQoAlAtrbHBfODMwX3BhdGNoIDk2N031er3eb7dbLZZLpU1JWHG4XK7Xa1ar1ep1ut3udzudUjUwOOIul8tlslhNMzYxRjQ3MFcxNVhPWDc4RTYyNjg2WWNGGYzG4/H4/H4/" +
            "H4/HYzEYMjfV6vV6PZ7PZ7NXeLxeL5fL5XK5XK7XNFJOjUYjEU05MDY4NE9HMjIwTVhTweDw+Hy+X69XK5Vms9lstttttlstlstlp1Op1Op1ulSqvTM4M0tXUDygwaSWQUpKCxk2A9Bs" +
            "glFQ7XcUtFKZCNPjW3/UgnGWu85aBUsTppO9YP2bfpDeZOxaB6FMVtd2T3OLsl4zhECFZWzNF+Gzq9OZSviB5E2qyaLMHh+Z0l6XsFqSNwI4uhPVeejCTgyvB1TFDkLriRTg47j0bk2E" +
            "aOBs+BfWQDWFFWHNJbKTmFBYlQo=",
        ["Bzip2"] =
            "QlpoOTFBWSZTWTZi77sAAL3//6cAYGTom//qh+/d/avO/t0ABoODgr2Z9yGIhqtaUeLMMAETGBqVDT1DQAwI9QAGQxMgGmQAAAwhoxPT1MpptQyemTU9T0R6IQiU21T9IgwmmTTIDJtB" +
            "MENDCAZNGQMhiaaYJoNAaMgAAZRJ6kGgDQAADIAD1NkmgA0GgyMjIZAwgGjTTQADV6njviq2OTjP20QRAEk0VCAJZYZkFsDgjXITb5+c5RKVyDpACEAhBXmKpIBwvDGBSoE6RTnuAOa5" +
            "QBEVuvsSmWCLfbMK1Ao8GULe2N21XMBFEQMWEo3zQgXjJq1OwfR4XAMtW+sf19nkREUknYwjyoBn2zvTS0BsQCnmRSvWFArg87UJNNHjyJKG8qsAPSgFxjMZKchdhN0hZlYKDIV1NiQO" +
            "34ikgd4kS2SQL97nau0+OyAl1WIM72EGUTTBAE1FXpQQC9IQBakv0FIQCoKspgj+tXNMOmdgLNL1n2Eb23uKcaUGmIo++L8fIoUR9TgklSTQUFNUqyq34JPkh4rr1Ok+ryE/aB/8xDDu" +
            "jWr6NzD/xdyRThQkDZi77sA=",
        ["Lz4"] =
            "BCJNGGRAp4MBAADga2xwXzgzMF9wYXRjaCAOADM5NjcOAB9NAQBMv/V6vd5vt1stlkulHwABEEkBAB9YAQCc/wNxuFyu12tWq9Xqdbrd7nc7nVIBAMUALAI/NTA4LAI8n+JxuFwul8tl" +
            "snoBHgVDAACZADMzNjGZAB9GAQBjAIUAJDQ3WAMfVwEA8wAVASMxNRQBD2QDJx9PAQCND1EEOQA0ASQ3OGcDFEUBAAEXACc2OLgFNzUwMg4AMzY4Ng4AH1kBAN8fY70DLPEAGYzG4/H4" +
            "/H4/H4/HYzEYUAEtMje4Ap/V6vV6PZ7PZ7OQAA0PJgMbz3i8Xi+Xy+VyuVyu14IFDhQ0YwQPtgUUH04BAN5fjUYjEU0BAGsBVwkvMDYNBhkBMwAjODQzAB9PAQCPH0cBAE8AFAE/MjIw" +
            "ngpMDzYKYR9TAQD/SvASweDw+Hy+X69XK5Vms9lstttttlstlstlp1Op1Op1ulSqyAUfvU4HPwGICiM4MzkAH0sBADwPOArZH1ABAOJQUFBQUFAAAAAAsgqARQ==",
        ["Lz4LinkedBlocks"] =
            "BCJNGHRAvYMBAADga2xwXzgzMF9wYXRjaCAOADM5NjcOAB9NAQBMv/V6vd5vt1stlkulHwABEEkBAB9YAQCc/wNxuFyu12tWq9Xqdbrd7nc7nVIBAMUALAI/NTA4LAI8n+JxuFwul8tl" +
            "snoBHgVDAACZADMzNjGZAB9GAQBjAIUAJDQ3WAMfVwEA8wAVASMxNRQBD2QDJx9PAQCND1EEOQA0ASQ3OGcDFEUBAAEXACc2OLgFNzUwMg4AMzY4Ng4AH1kBAN8fY70DLPEAGYzG4/H4" +
            "/H4/H4/HYzEYUAEtMje4Ap/V6vV6PZ7PZ7OQAA0PJgMbz3i8Xi+Xy+VyuVyu14IFDhQ0YwQPtgUUH04BAN5fjUYjEU0BAGsBVwkvMDYNBhkBMwAjODQzAB9PAQCPH0cBAE8AFAE/MjIw" +
            "ngpMDzYKYR9TAQD/SvASweDw+Hy+X69XK5Vms9lstttttlstlstlp1Op1Op1ulSqyAUfvU4HPwGICiM4MzkAH0sBADwPOArZH1ABAOJQUFBQUFAhdN6EAAAAALIKgEU=",
        ["Lz4Legacy"] =
            "AiFMGIMBAADga2xwXzgzMF9wYXRjaCAOADM5NjcOAB9NAQBMv/V6vd5vt1stlkulHwABEEkBAB9YAQCc/wNxuFyu12tWq9Xqdbrd7nc7nVIBAMUALAI/NTA4LAI8n+JxuFwul8tlsnoB" +
            "HgVDAACZADMzNjGZAB9GAQBjAIUAJDQ3WAMfVwEA8wAVASMxNRQBD2QDJx9PAQCND1EEOQA0ASQ3OGcDFEUBAAEXACc2OLgFNzUwMg4AMzY4Ng4AH1kBAN8fY70DLPEAGYzG4/H4/H4/" +
            "H4/HYzEYUAEtMje4Ap/V6vV6PZ7PZ7OQAA0PJgMbz3i8Xi+Xy+VyuVyu14IFDhQ0YwQPtgUUH04BAN5fjUYjEU0BAGsBVwkvMDYNBhkBMwAjODQzAB9PAQCPH0cBAE8AFAE/MjIwngpM" +
            "DzYKYR9TAQD/SvASweDw+Hy+X69XK5Vms9lstttttlstlstlp1Op1Op1ulSqyAUfvU4HPwGICiM4MzkAH0sBADwPOArZH1ABAOJQUFBQUFA=",
        ["Lzop"] =
            "iUxaTwANChoKEEAgoAlAAwkDAAAJAACBpGsA31wAAAAABXMuYmluUjUGHAAAD6AAAAFr5bImcR9rbHBfODMwX3BhdGNoIHcBOTY31QFNID4AAAj1er3eb7dbLZZLpTJ5AElhAFggjgAA" +
            "D3G4XK7Xa1ar1ep1ut3udzudUiC3AABvRTUwOCAurQjiQCgCLpfLZbIgEOQFJwgBYxMzNjHBE0YgVQAAchA0N/1qVyDlAAByIjE1zCIgGY0NTyB/AAAgK0ARbiY3OPlsReAAmgI2OCnf" +
            "FjUwMik3ADY4NtUBWSDRAQBjIB7wDgwZjMbj8fj8fj8fj8djMRieKTI3L9wKBtXq9Xo9ns9nsz48AiANlAwGeLxeL5fL5XK5RMk/BRY06IwgBtUWTiDQAAACjUYjEU0gXQAAYzU5MDYg" +
            "CzAYigY4NMkGTyCBAQBHIEEAAG8iMjIwID50KiBT1ShTIAA8AAAACsHg8Ph8vl+vVyuVZrPZbLbbbbZbLZbLZadTqdQG6VSqfbi9IDE0HWMHMzgzwQdLIC4AACDL3ShQINkAABEAAAAA" +
            "AAA=",
        ["LzopFast"] =
            "iUxaTwANChoKEEAgoAlAAgEDAAAJAACBpGsA31wAAAAABXMuYmluUWUGEwAAD6AAAAGc5bImcQtrbHBfODMwX3BhdGNoIHcBOTY31QFNID4AAAj1er3eb7dbLZZLpTKlAUlhAFggjgAA" +
            "D3G4XK7Xa1ar1ep1ut3udzudUiC3AABvRTUwOCAurAgH4nG4XC6Xy2WyWCAPAAAnCAljEzM2McETRiBVAAByEDQ3/WpXIOUAAHIiMTXAMyAPfAcovQBPIH8AACioAiAhJABuJjc4+WxF" +
            "4ACZAjb4AncBNTAyxCt3ATY4NtUBWSDRAQBjIB7MDwwZjMbj8fj8fj8fj8djMRidKTL04ihIBwbV6vV6PZ7PZ7M+hAUgDfQPCXi8Xi+Xy+VyuVyu1zvwGH0SNOiMO6QAKHEATiDQAAAB" +
            "jUYjESdsGCBVIABiNTkw4HIgBDQIigY4NMx4IH/AEwFPT09HIEEAAG4iMjLgXiA3KAcofA8gSSUAUyAAPAAAABbB4PD4fL5fr1crlWaz2Wy22222Wy2Wy2WnU6nU6nW6VKrV6vV6vV83" +
            "IC80HXtVMzgzyXhLIC4AACAEFBEgppEAUCDLAAALUFBQUFBQUFBQUFBQUFARAAAAAAAA",
    };
}
