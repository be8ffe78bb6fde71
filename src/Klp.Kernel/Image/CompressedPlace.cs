namespace Klp.Kernel;

/// <summary>Where in an image file its compressed kernel lies.</summary>
/// <param name="ExpectedSize">Content size as the image says it, 0 where it does not.</param>
/// <param name="Container">For people: <c>bzImage</c>, <c>zboot</c>…</param>
internal sealed record CompressedPlace(int Offset, int Length, long ExpectedSize, string Container);
