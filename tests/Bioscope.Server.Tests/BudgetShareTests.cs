using Bioscope.Server.Web;
using CsCheck;

namespace Bioscope.Server.Tests;

/// <summary>The arithmetic by which instances share a limit, against a model of their common count.</summary>
public sealed class BudgetShareTests
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private static readonly Gen<(int Limit, int Instances, int Seed)> Cases = Gen.Select(
        Gen.OneOf(Gen.Int[1, 40], Gen.Int[1, 1_200]), Gen.Int[2, 12], Gen.Int);

    [Fact]
    public void No_window_grants_more_than_the_limit_and_the_slack() => Cases.Sample(
        given =>
        {
            var model = new Model(given.Limit, given.Instances, new Random(given.Seed));
            model.Run(requests: 4 * given.Limit * 3, isEven: false, maxPause: Length / (given.Limit * 2));
            Assert.All(model.Granted.Values, granted => Assert.InRange(granted, 0, given.Limit + BudgetShares.MaxOver(given.Limit, given.Instances)));
        },
        iter: 300);

    [Fact]
    public void Requests_spread_over_all_instances_get_exactly_the_limit() => Cases.Sample(
        given =>
        {
            var model = new Model(given.Limit, given.Instances, new Random(given.Seed)) { IsPrompt = true };
            model.Run(requests: 3 * given.Limit + (8 * given.Instances), isEven: true, maxPause: TimeSpan.Zero);
            Assert.Equal(given.Limit, model.Granted.Values.Single());
        },
        iter: 300);

    [Fact]
    public void Requests_to_one_instance_get_the_whole_limit() => Cases.Sample(
        given =>
        {
            var model = new Model(given.Limit, given.Instances, new Random(given.Seed)) { IsPrompt = true };
            for (var i = 0; i < 2 * given.Limit; i++)
            {
                model.Request(0);
            }

            Assert.Equal(given.Limit, model.Granted.Values.Single());
            Assert.True(model.Asked <= Math.Min(given.Limit, 4 * given.Instances) + 1);
        },
        iter: 300);

    [Fact]
    public void A_caller_that_moves_leaves_at_most_a_share_behind() => Cases.Sample(
        given =>
        {
            var random = new Random(given.Seed);
            var model = new Model(given.Limit, given.Instances, random) { IsPrompt = true };
            for (var instance = 0; instance < given.Instances; instance++)
            {
                for (var i = random.Next(given.Limit); i > 0; i--)
                {
                    model.Request(instance);
                }
            }

            for (var i = 0; i < 2 * given.Limit; i++)
            {
                model.Request(0);
            }

            Assert.InRange(
                model.Granted.Values.Single(), given.Limit - BudgetShares.MaxOver(given.Limit, given.Instances),
                given.Limit + BudgetShares.MaxOver(given.Limit, given.Instances));
        },
        iter: 300);

    [Fact]
    public void Heavy_callers_cost_a_few_statements_not_one_per_request()
    {
        foreach (var (limit, instances, atMost) in ((int, int, int)[])[(600, 2, 6), (600, 10, 30), (6_000, 4, 12), (60, 4, 14), (60, 10, 30)])
        {
            var model = new Model(limit, instances, new Random(1)) { IsPrompt = true };
            model.Run(requests: 4 * limit, isEven: true, maxPause: TimeSpan.Zero);
            Assert.InRange(model.Asked, 1, atMost);
        }
    }

    [Fact]
    public void Alone_nothing_is_leased()
    {
        var model = new Model(20, 1, new Random(1));
        model.Run(requests: 100, isEven: true, maxPause: TimeSpan.Zero);
        Assert.Equal((20, 0), (model.Granted.Values.Single(), model.Asked));
    }

    /// <summary>Instances with one caller, and the count that they have in common; answers may come late.</summary>
    private sealed class Model
    {
        private readonly int _limit;
        private readonly Random _random;
        private readonly TestClock _clock = new(TestApp.Start);
        private readonly List<CallerWindows> _instances;
        private readonly (BudgetLease Lease, long Taken, DateTimeOffset EndsAt)?[] _underway;
        private readonly Dictionary<DateTimeOffset, long> _taken = [];

        public Model(int limit, int instances, Random random)
        {
            (_limit, _random) = (limit, random);
            _instances = [.. Enumerable.Range(0, instances).Select(_ => new CallerWindows(4, Length, _clock))];
            _underway = new (BudgetLease, long, DateTimeOffset)?[instances];
        }

        /// <summary>Requests by the end of their window.</summary>
        public Dictionary<DateTimeOffset, long> Granted { get; } = [];

        public int Asked { get; private set; }

        /// <summary>Whether answers come at once.</summary>
        public bool IsPrompt { get; init; }

        private DateTimeOffset EndsAt => new((_clock.GetUtcNow().UtcTicks / Length.Ticks * Length.Ticks) + Length.Ticks, TimeSpan.Zero);

        private Moment Moment => new(_clock.GetTimestamp(), _instances.Count > 1 ? EndsAt - _clock.GetUtcNow() : Length);

        public void Run(int requests, bool isEven, TimeSpan maxPause)
        {
            var last = 0;
            for (var i = 0; i < requests; i++)
            {
                last = isEven ? i % _instances.Count : _random.Next(10) == 0 ? _random.Next(_instances.Count) : last;
                Request(last);
                _clock.Advance(maxPause * _random.NextDouble());
            }
        }

        public void Request(int instance)
        {
            var windows = _instances[instance];
            while (true)
            {
                if (_underway[instance] is var (lease, taken, endsAt))
                {
                    if (!IsPrompt && _random.Next(3) == 0)
                    {
                        return; // it waits, and gives up
                    }

                    _underway[instance] = null;
                    lease.Apply(taken, endsAt - _clock.GetUtcNow());
                }

                var standing = windows.Look(0, _limit, _instances.Count, Moment);
                if (!standing.IsToLease)
                {
                    if (!standing.IsOver)
                    {
                        windows.Add(0, Moment);
                        Granted[EndsAt] = Granted.GetValueOrDefault(EndsAt) + 1;
                    }

                    return;
                }

                Asked++;
                var asked = new BudgetLease(
                    0, _limit, _instances.Count, EndsAt, windows.Held(0, Moment), (held, leased) => windows.Lease(0, held, leased, Moment));
                asked.Decide();
                _taken[EndsAt] = _taken.GetValueOrDefault(EndsAt) + asked.Added;
                _underway[instance] = (asked, _taken[EndsAt], EndsAt);
            }
        }
    }
}
