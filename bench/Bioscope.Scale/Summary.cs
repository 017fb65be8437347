using System.Globalization;
using System.Text;

namespace Bioscope.Scale;

/// <summary>A plan's hours in words and numbers.</summary>
internal static class Summary
{
    /// <summary>What an event may take at most for 99 of 100, as the bench asks of ingestion.</summary>
    public const double MaxP99 = 0.050;

    private const double MaxFactor = 512;

    public static string Of(Plan plan)
    {
        var pages = new Pages(plan.Pages, plan.Zipf);
        var placement = new Placement(plan.Shards, plan.Nodes);
        var text = new StringBuilder();
        var mean = plan.VisitsPerDay / 86_400;
        var most = mean * DayCurve.Of(DayCurve.PeakHour);
        Skew(text, plan, pages, placement);
        text.AppendLine();
        text.Append("| hour | events/s | events a batch | writers busy | fullest node busy | × mean node ");
        text.AppendLine("| event p50 | p99 | report p50 | p99 | refused | overload |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        Add("mean", new Hour(mean), placement);
        Add("fullest of the day", new Hour(most), placement);
        if (plan.ViralVisits > 0)
        {
            Add("the same, and viral", new Hour(most, plan.ViralVisits / 3600), placement);
        }

        if (plan.Nodes > 1)
        {
            // The node that most depends on.
            var shares = placement.SharesOf(pages);
            var dead = Array.IndexOf(shares, shares.Max());
            Add("fullest, fullest node dead", new Hour(most, DeadNode: dead), placement);
            Add("fullest, its shards moved", new Hour(most), new Placement(plan.Shards, plan.Nodes, dead));
        }

        text.AppendLine();
        var room = HeadRoom(plan, pages, placement);
        text.AppendLine(Text($"Head-room: the fullest hour holds p99 of {MaxP99 * 1000:0} ms up to {room} the load."));
        return text.ToString();

        void Add(string name, Hour hour, Placement placement)
        {
            var result = HourSimulation.Run(plan, hour, pages, placement);
            var busy = result.Utilization;
            var (batches, arrived) = (Math.Max(1, result.Batches), Math.Max(1, result.ArrivedEvents) / 100.0);
            text.AppendLine(Text(
                $"| {name} | {result.ArrivedEvents / plan.Seconds:N0} | {(double)result.Events.Count / batches:0.0} ")
                + Text($"| {result.Writers * 100:0.0} % ")
                + Text($"| {busy.Max() * 100:0.0} % | {busy.Max() / Math.Max(1e-12, busy.Average()):0.00} × ")
                + Text($"| {Milliseconds(result.Events, 0.5)} | {Milliseconds(result.Events, 0.99)} ")
                + Text($"| {Milliseconds(result.Reports, 0.5)} | {Milliseconds(result.Reports, 0.99)} ")
                + Text($"| {result.RefusedEvents / arrived:0.0} % | {result.Overload / arrived:0.0} % |"));
        }
    }

    /// <summary>By what the load of the fullest hour can be multiplied before an event takes too long, within 5 %.</summary>
    internal static string HeadRoom(Plan plan, Pages pages, Placement placement)
    {
        // The larger of two loads holds what the smaller one does not only by chance, so the first failure ends it.
        var (holds, fails) = (0.0, 0.0);
        for (var factor = 1.0; fails == 0 && factor <= MaxFactor; factor *= 2)
        {
            (holds, fails) = Holds(factor) ? (factor, 0) : (holds, factor);
        }

        while (fails > 0 && fails > Math.Max(holds, 0.01) * 1.05)
        {
            var middle = (holds + fails) / 2;
            (holds, fails) = Holds(middle) ? (middle, fails) : (holds, middle);
        }

        return fails == 0 ? Text($"at least {MaxFactor:0} ×") : Text($"{holds:0.0} ×");

        bool Holds(double factor)
        {
            var part = plan.Times(factor) with { Seconds = Math.Min(plan.Seconds, 4) };
            var hour = new Hour(part.VisitsPerDay / 86_400 * DayCurve.Of(DayCurve.PeakHour), EndsAtOverload: true);
            var result = HourSimulation.Run(part, hour, pages, placement);
            return result.Overload == 0 && result.Events.Percentile(0.99) <= MaxP99;
        }
    }

    private static void Skew(StringBuilder text, Plan plan, Pages pages, Placement placement)
    {
        var byNode = placement.SharesOf(pages);
        var byShard = new double[plan.Shards];
        for (var page = 0; page < pages.Count; page++)
        {
            byShard[placement.ShardOf(page)] += pages.ShareOf(page);
        }

        text.Append(Text($"Of all visits the first page has {pages.ShareOf(0) * 100:0.00} %, "));
        text.Append(Text($"the fullest of {plan.Shards} shards {byShard.Max() * 100:0.00} % "));
        text.Append(Text($"({byShard.Max() * plan.Shards:0.00} × the mean shard), the fullest of {plan.Nodes} nodes "));
        text.AppendLine(Text($"{byNode.Max() * 100:0.0} % ({byNode.Max() * plan.Nodes:0.00} × the mean node)."));
    }

    private static string Milliseconds(Waits waits, double part) =>
        waits.Count == 0 ? "–" : Text($"{waits.Percentile(part) * 1000:0.00} ms");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
