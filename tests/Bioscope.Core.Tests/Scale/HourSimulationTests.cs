using System.Globalization;
using Bioscope.Scale;
using Xunit;

namespace Bioscope.Core.Tests.Scale;

/// <summary>What the simulation of plans comes to where there is a formula for it.</summary>
public sealed class HourSimulationTests
{
    private const double Millisecond = 0.001;

    private static readonly Pages OnePage = new(1, 1);

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.8)]
    public void Reports_on_one_lane_wait_as_in_an_MD1_queue(double load)
    {
        // Pollaczek–Khinchine: the mean wait before a constant service time D is ρ D ÷ (2 (1 − ρ)).
        var result = Play(Plan(reports: load * 1000) with { Seconds = 200, ReportSeconds = Millisecond });

        Near(load, result.Utilization[0], 0.01);
        Near(Millisecond + (load * Millisecond / (2 * (1 - load))), result.Reports.Mean, 0.03);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    public void Batches_of_one_wait_as_in_an_MD1_queue(double load)
    {
        var plan = Plan(events: load * 1000) with { Seconds = 200, MaxInBatch = 1, BatchSeconds = Millisecond, EventSeconds = 0 };

        Near(Millisecond + (load * Millisecond / (2 * (1 - load))), Play(plan).Events.Mean, 0.03);
    }

    [Fact]
    public void Two_lanes_wait_half_as_long_as_an_MM2_queue()
    {
        // M/M/2 with ρ = 0.7 waits ρ² ÷ (1 − ρ²) = 0.961 of its mean service time; constant ones wait about half of that.
        var result = Play(Plan(reports: 1400) with { Seconds = 100, Lanes = 2, ReportSeconds = Millisecond });

        Near(0.7, result.Utilization[0], 0.01);
        Near(0.961 * Millisecond / 2, result.Reports.Mean - Millisecond, 0.1);
    }

    [Fact]
    public void A_rare_event_takes_one_batch()
    {
        var plan = Plan(events: 1) with { Seconds = 500, BatchSeconds = Millisecond, EventSeconds = Millisecond / 2 };

        Near(1.5 * Millisecond, Play(plan).Events.Percentile(0.5), 0.001);
    }

    [Fact]
    public void A_writer_that_never_rests_has_batches_of_what_came_meanwhile()
    {
        // n events came while a batch of n was written: n = λ (a + b n), so n = λ a ÷ (1 − λ b).
        const double Arrivals = 15_000, A = 0.64 * Millisecond, B = 0.037 * Millisecond;
        var result = Play(Plan(events: Arrivals) with { BatchSeconds = A, EventSeconds = B });

        Near(Arrivals * A / (1 - (Arrivals * B)), (double)result.Events.Count / result.Batches, 0.03);
        Near(1, result.Writers, 0.01);
        Assert.Equal(0, result.Overload);
    }

    [Fact]
    public void More_than_a_writer_can_do_is_lost_as_overload()
    {
        // It commits 1,000 in 0.64 + 37 ms.
        var result = Play(Plan(events: 40_000) with { Seconds = 10 });

        Near(1000 / 0.03764, (result.Events.Count - 10_000) / 10.0, 0.02); // those that waited at the end are written after it
        Assert.True(result.Overload > 100_000);
    }

    [Fact]
    public void One_hot_page_loads_one_node_only()
    {
        var plan = Plan(events: 1) with { Nodes = 4, Shards = 32, BatchSeconds = Millisecond, EventSeconds = 0, MaxInBatch = 1 };
        var placement = new Placement(32, 4);
        var result = HourSimulation.Run(plan, new Hour(0, ViralPerSecond: 500), new Pages(1000, 1), placement);
        var hot = placement.NodeOf(0);

        Near(0.5, result.Utilization[hot], 0.03);
        Assert.Equal(3, result.Utilization.Count(busy => busy == 0));
        Near(1.5 * Millisecond, result.Events.Mean, 0.03); // M/D/1 as if the others were not there
    }

    [Fact]
    public void A_dead_node_refuses_its_own_share_and_nothing_else()
    {
        var plan = Plan(events: 2000, reports: 500) with { Nodes = 4, Shards = 32, Instances = 4 };
        var (pages, placement) = (new Pages(10_000, 1), new Placement(32, 4));
        var result = HourSimulation.Run(plan, new Hour(1, DeadNode: 2), pages, placement);
        var share = placement.SharesOf(pages)[2];

        Near(share, (double)result.RefusedEvents / result.ArrivedEvents, 0.05);
        Near(share, (double)result.RefusedReports / (result.RefusedReports + result.Reports.Count), 0.05);
        Assert.Equal(0, result.Utilization[2]);
        Assert.Equal(0, result.Overload);
    }

    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        var plan = Plan(events: 3000, reports: 300) with { Instances = 3, Nodes = 3, Shards = 12, Lanes = 2 };

        Assert.Equal(Summary.Of(plan), Summary.Of(plan));
        Assert.NotEqual(Summary.Of(plan), Summary.Of(plan with { Seed = 18 }));
    }

    [Fact]
    public void Head_room_is_what_the_writer_has_left()
    {
        // The fullest hour has 1,000 events a second. More than 1 ÷ 0.037 ms a second it never commits; up to 26,300, batches of
        // (50 ÷ 2 − 0.64) ÷ 0.037 = 658 events take 25 ms, and an event waits for one and is in the next.
        var visits = 1000 * 86_400 / DayCurve.Of(DayCurve.PeakHour);
        var plan = Plan(events: 1) with { VisitsPerDay = visits, EventsPerVisit = 1, ViralVisits = 0 };
        var words = Summary.HeadRoom(plan, OnePage, new Placement(1, 1)).Split(' ');
        var room = double.Parse(words[0], CultureInfo.InvariantCulture);

        Assert.InRange(room, 24, 27.1);
    }

    private static Plan Plan(double events = 0, double reports = 0) => new()
    {
        // One visit a second, so that the two are rates.
        VisitsPerDay = 86_400,
        EventsPerVisit = events,
        ReportsPerVisit = reports,
        BatchSeconds = 0.64 * Millisecond,
        EventSeconds = 0.037 * Millisecond,
        ReportSeconds = 0.047 * Millisecond,
    };

    private static HourResult Play(Plan plan) => HourSimulation.Run(plan, new Hour(1), OnePage, new Placement(1, 1));

    /// <summary>Within a part of what is expected.</summary>
    private static void Near(double expected, double actual, double tolerance) =>
        Assert.InRange(actual, expected * (1 - tolerance), expected * (1 + tolerance));
}
