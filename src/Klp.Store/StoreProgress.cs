namespace Klp.Store;

/// <summary>How far an addition is.</summary>
/// <param name="Step">What is being done, as a sentence.</param>
/// <param name="Done">Of <paramref name="Total"/>, in the step's unit (per cent for downloads).</param>
/// <param name="Total">0 where it is not known.</param>
public sealed record StoreProgress(string Step, double Done, double Total);
