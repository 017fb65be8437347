using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests.Counting.Model;

/// <summary>Counts rows that are all there.</summary>
internal static class InMemory
{
    public static CountResult Count(CountQuery query, PageRows rows)
    {
        var counted = CountScan.RunAsync(query, rows);
        Assert.True(counted.IsCompleted, "Nothing is read, so nothing is waited for.");
        return counted.GetAwaiter().GetResult();
    }
}
