using System.CommandLine;

namespace Klp.Cli;

/// <summary>
/// Arguments and options that name a file. An empty name is what a script's unset variable leaves, and would otherwise mean the current folder or
/// a default: <c>klp strip fix.ko -o "$OUT"</c> must not strip fix.ko itself.
/// </summary>
internal static class FileArgument
{
    private const string Message = "The name of a file is empty (an unset variable?).";

    public static Argument<T> NotEmpty<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => t.Value.Length == 0))
            {
                result.AddError(Message);
            }
        });
        return argument;
    }

    public static Option<T> NotEmpty<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => t.Value.Length == 0))
            {
                result.AddError(Message);
            }
        });
        return option;
    }
}
