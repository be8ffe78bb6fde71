// One machine at a time: an emulated processor takes a whole one of the host's, and two would be measured against each other's clocks.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
