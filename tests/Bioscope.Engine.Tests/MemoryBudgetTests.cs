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

    [Fact]
    public async Task Nothing_begins_once_the_budget_is_disposed()
    {
        var budget = new MemoryBudget(Megabyte, atOnce: 1);
        budget.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => budget.BeginAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_refused_amount_leaves_the_budget_as_it_was()
    {
        using var budget = new MemoryBudget(100, atOnce: 1);
        budget.Take(60);
        Assert.Throws<QueryTooLargeException>(() => budget.Take(41));

        budget.Take(40);
        Assert.Throws<QueryTooLargeException>(() => budget.Take(1));

        budget.Return(40);
        budget.Take(40);
    }

    [Fact]
    public async Task A_query_takes_portions_of_256_KiB()
    {
        const int Portion = 256 * 1024;
        using var budget = new MemoryBudget(3 * Portion, atOnce: 2);
        using var lease = await budget.BeginAsync(TestContext.Current.CancellationToken);
        lease.Take(1);
        Assert.Throws<QueryTooLargeException>(() => budget.Take((2 * Portion) + 1)); // one portion is taken
        lease.Take(Portion - 1);
        budget.Take(2 * Portion); // still one
        budget.Return(2 * Portion);

        lease.Take(1);
        Assert.Throws<QueryTooLargeException>(() => budget.Take(Portion + 1));
        budget.Take(Portion);

        Assert.Throws<QueryTooLargeException>(() => lease.Take(Portion));
    }

    [Fact]
    public async Task More_than_a_portion_is_taken_exactly()
    {
        using var budget = new MemoryBudget(Megabyte, atOnce: 1);
        using var lease = await budget.BeginAsync(TestContext.Current.CancellationToken);
        lease.Take(Megabyte - 10);
        budget.Take(10);

        Assert.Throws<QueryTooLargeException>(() => budget.Take(1));
    }

    [Fact]
    public async Task What_a_query_gives_back_makes_room_for_its_own_next_rows()
    {
        using var budget = new MemoryBudget(Megabyte, atOnce: 1);
        using (var lease = await budget.BeginAsync(TestContext.Current.CancellationToken))
        {
            lease.Take(Megabyte);
            lease.Take(-1_000);
            lease.Take(1_000);

            Assert.Throws<QueryTooLargeException>(() => budget.Take(1));
            Assert.Throws<QueryTooLargeException>(() => lease.Take(1));
        }

        budget.Take(Megabyte);
    }
}
