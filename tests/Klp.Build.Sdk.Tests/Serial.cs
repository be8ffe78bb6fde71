using System.Runtime.Versioning;
using Xunit;

// Real builds: one at a time, so that their times and the files they share mean something.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// The SDK refuses to run anywhere else.
[assembly: SupportedOSPlatform("linux")]
