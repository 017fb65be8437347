using System.Net;
using Bioscope.Engine.Ingest;
using Bioscope.Server.Api.Ingest;
using Bioscope.Server.Configuration;
using Microsoft.Extensions.Configuration;

namespace Bioscope.Server.Tests;

/// <summary>The figures of "What an attacker can reach" in docs/operations.md.</summary>
public sealed class VisitBudgetTests : IDisposable
{
    private static readonly Guid Page = Guid.NewGuid();

    private readonly TestClock _clock = new(TestApp.Start);
    private readonly VisitBudget _budget;

    public VisitBudgetTests() => _budget = Budget();

    public void Dispose() => _budget.Dispose();

    [Fact]
    public void One_address_may_begin_60_visits_per_minute_and_page()
    {
        Assert.Equal(60, Take("203.0.113.1", 1_000));
        Assert.Equal(60, Take("203.0.113.2", 1_000)); // others are not touched
        Assert.Equal(60, Take("203.0.113.1", 1_000, Guid.NewGuid()));
        Assert.Equal(0, Take("::ffff:203.0.113.1", 1));

        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(60, Take("203.0.113.1", 1_000));
    }

    [Fact]
    public void One_IPv6_site_may_begin_960_visits_per_minute()
    {
        Assert.Equal(60, Take("2001:db8:1::1", 1_000));
        Assert.Equal(0, Take("2001:db8:1:0:ffff::1", 1)); // the same /64
        Assert.Equal(180, Enumerable.Range(1, 0xFF).Sum(link => Take($"2001:db8:1:{link:x}::1", 10))); // the same /56
        Assert.Equal(960 - 240, Enumerable.Range(0x100, 5_000).Sum(link => Take($"2001:db8:1:{link:x}::1", 1))); // the same /48
        Assert.Equal(60, Take("2001:db8:2::1", 1_000));
    }

    [Fact]
    public void A_thousand_addresses_begin_up_to_76657_visits_per_minute()
    {
        // Each takes what it can before the next one begins to exceed the base, which yields the most.
        Assert.Equal(60_000, Enumerable.Range(0, 1_000).Sum(i => Take(Address(i), 60)));
        var reached = 60_000 + Enumerable.Range(0, 1_000).Sum(i => Take(Address(i), 1_000));
        Assert.Equal(76_657, reached);

        _clock.Advance(TimeSpan.FromMinutes(1)); // and no more in the next one, where each could refer to the minute before
        Assert.InRange(Enumerable.Range(0, 1_000).Sum(i => Take(Address(i), 1_000)), 60_000, reached);
    }

    [Fact]
    public void A_hundred_addresses_may_begin_6000_visits_per_minute() =>
        Assert.Equal(6_000, Enumerable.Range(0, 3).Sum(_ => Enumerable.Range(0, 100).Sum(i => Take(Address(i), 1_000))));

    [Fact]
    public void An_address_may_begin_half_as_many_as_others()
    {
        const string Carrier = "198.51.100.1";
        Assert.Equal(60, Take(Carrier, 1_000));
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Sum(i => Take(Address(i), 1)));
        Assert.Equal(440, Take(Carrier, 1_000));

        // Other networks of the minute before count, each once, however many visits it had.
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1_000, Enumerable.Range(500, 1_000).Sum(i => Take(Address(i), 1)));
        Assert.Equal(750, Take(Carrier, 2_000));

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(60, Take(Carrier, 1_000));
    }

    [Fact]
    public void One_IPv6_site_does_not_raise_other_limits()
    {
        Assert.Equal(960, Enumerable.Range(0, 960).Sum(i => Take($"2001:db8:1:{i / 240:x}{i % 240:x2}::1", 1)));
        Assert.Equal(60, Take("203.0.113.1", 1_000));
    }

    /// <summary>What is more than the base each instance grants by the networks that it sees.</summary>
    [Fact]
    public void Beside_others_the_instances_together_say_who_is_over_the_base()
    {
        var carrier = IPAddress.Parse("198.51.100.1");
        Assert.Equal(100, Enumerable.Range(0, 100).Count(_ => _budget.TryTake(Page, carrier, factorOver: 0)));
        Assert.False(_budget.TryTake(Page, carrier, factorOver: 1));
        Assert.False(_budget.TryTake(Page, IPAddress.Parse("198.51.100.2"), factorOver: 1)); // it has begun its visits elsewhere

        Assert.All(Enumerable.Range(0, 1_000), i => Assert.True(_budget.TryTake(Page, Address(i), factorOver: 0)));
        Assert.Equal(400, Enumerable.Range(0, 1_000).Count(_ => _budget.TryTake(Page, carrier, factorOver: 1)));
    }

    [Fact]
    public void Beside_others_an_IPv6_site_that_is_over_is_bounded_as_a_whole()
    {
        Assert.All(Enumerable.Range(0, 300), i => Assert.True(_budget.TryTake(Page, Address(i), factorOver: 0)));
        Assert.Equal(100, Enumerable.Range(0, 100).Count(i => _budget.TryTake(Page, Link(i), factorOver: 0)));
        Assert.Equal(50, Enumerable.Range(0, 1_000).Count(i => _budget.TryTake(Page, Link(i), factorOver: 16)));

        // Where only the /64 is over, its own visits count.
        Assert.Equal(150, Enumerable.Range(0, 1_000).Count(i => _budget.TryTake(Page, Link(5_000), factorOver: 1)));

        static IPAddress Link(int i) => IPAddress.Parse($"2001:db8:1:{i:x}::1");
    }

    /// <summary>A quarter of their base is granted here, as of four instances.</summary>
    [Fact]
    public void Beside_others_a_thousand_addresses_begin_up_to_27519_visits_beyond_the_base_at_each()
    {
        Assert.All(Enumerable.Range(0, 15_000), i => Assert.True(_budget.TryTake(Page, Address(i % 1_000), factorOver: 0)));
        Assert.Equal(27_519, Enumerable.Range(0, 1_000).Sum(i => Enumerable.Range(0, 1_000).Count(_ => _budget.TryTake(Page, Address(i), factorOver: 1))));
    }

    [Fact]
    public void A_flood_affects_no_other_network_or_page()
    {
        for (var i = 0; i < 2 * VisitBudget.MaxNetworks; i++)
        {
            _budget.TryTake(Page, Address(i));
        }

        var elsewhere = Guid.NewGuid();
        for (var i = 0; i < 256 * 60; i++)
        {
            var visitor = new IPAddress([198, 51, (byte)(i / 100), (byte)(i % 100)]);
            Assert.Equal(1, Take(visitor, 1));
            Assert.Equal(1, Take(visitor, 1, elsewhere));
        }

        // On the flooded page those share 256 times the limit of one, with their own /16 only.
        Assert.Equal(0, Take("198.51.255.1", 1));
        Assert.Equal(1, Take("198.52.255.1", 1));
    }

    [Fact]
    public void The_visit_budget_frees_memory_without_traffic()
    {
        for (var i = 0; i < 100; i++)
        {
            Take("203.0.113.1", 1, Guid.NewGuid());
        }

        Assert.Equal(100, _budget.Pages);
        _clock.Advance(TimeSpan.FromMinutes(2));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _budget.Pages);
    }

    [Fact]
    public void Without_the_throttle_visits_are_unlimited()
    {
        using var off = Budget(("Throttle:Enabled", "false"));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(off.TryTake(Page, IPAddress.Loopback)));
        using var two = Budget(("Throttle:VisitsAddress", "2"));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => two.TryTake(Page, IPAddress.Loopback)));
    }

    private int Take(string address, int times, Guid? page = null) => Take(IPAddress.Parse(address), times, page);

    /// <returns>How many of the visits may begin.</returns>
    private int Take(IPAddress address, int times, Guid? page = null) =>
        Enumerable.Range(0, times).Count(_ => _budget.TryTake(page ?? Page, address));

    private static IPAddress Address(int i) => new([10, (byte)(i >> 16), (byte)((i >> 8) & 0xFF), (byte)(i & 0xFF)]);

    private VisitBudget Budget(params (string Key, string Value)[] settings) => new(
        Ingestion.OptionsOf(Settings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build())),
        _clock);
}
