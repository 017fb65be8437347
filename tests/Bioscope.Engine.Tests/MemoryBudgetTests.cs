using Bioscope.Engine.Counting;
using Xunit;

namespace Bioscope.Engine.Tests;

public sealed class MemoryBudgetTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task Memory_is_returned_when_a_query_ends()
    {
        using var budget = new MemoryBudget(Megabyte, atOnce: 2);
        using (var first = await budget.BeginAsync(TestContext.Current.CancellationToken))
        {
            for (var i = 0; i < 1024; i++)
            {
                first.Take(1024);
            }

            using var second = await budget.BeginAsync(TestContext.Current.CancellationToken);
            Assert.Throws<QueryTooLargeException>(() => second.Take(1));
        }

        using var next = await budget.BeginAsync(TestContext.Current.CancellationToken);
        next.Take(1);
    }

    [Fact]
    public async Task A_query_waits_for_its_turn()
    {
        using var budget = new MemoryBudget(Megabyte, atOnce: 1);
        var first = await budget.BeginAsync(TestContext.Current.CancellationToken);
        var second = budget.BeginAsync(TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);

        first.Dispose();

        (await second).Dispose();
    }

    [Fact]
    public async Task A_cancelled_query_stops_waiting()
    {
        using var budget = new MemoryBudget(Megabyte, atOnce: 1);
        using var first = await budget.BeginAsync(TestContext.Current.CancellationToken);
        using var gone = new CancellationTokenSource();
        var second = budget.BeginAsync(gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }
}
