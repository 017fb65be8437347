using System.CommandLine;
using System.Globalization;

namespace Bioscope.Scale;

/// <summary>The words that this program takes.</summary>
internal static class CommandLine
{
    // In milliseconds, from bench/RESULTS.md. POST session by 1 and by 256 connections: sessions a batch ÷ sessions a second is what a batch
    // took, and the two give its fixed part and that of an event. Reports are those of the Zipf measure. Server, database and the driver of
    // the load had two processors together.
    private static readonly Dictionary<string, (double Batch, double Event, double Report)> ServiceTimes = new()
    {
        ["sqlite"] = (0.404, 0.0459, 0.0436),
        ["postgresql"] = (0.642, 0.0369, 0.0466),
    };

    private const int MaxRequests = 20_000_000; // some 200 MB

    private static readonly Option<double> Visits = Number("--visits", 1_000_000, "Visits of a mean day");

    private static readonly Option<double> Events =
        Number("--events", 4, "Events that are written for a visit: session, page views, clicks, heartbeats, leaves");

    private static readonly Option<double> Reports = Number("--reports", 0.1, "Reports that are asked for each visit");

    private static readonly Option<int> Pages = Count("--pages", 100_000, "Pages, whose visits fall off by Zipf's law");

    private static readonly Option<double> Zipf =
        Number("--zipf", 1, "Its exponent: the page of rank k has k^-exponent of the first one's visits");

    private static readonly Option<double> Viral =
        Number("--viral", 200_000, "Visits of the first page in a viral hour, in addition to all others; 0 for none");

    private static readonly Option<int> Instances = Count("--instances", 1, "Servers, each with one writer for each node");

    private static readonly Option<int> Nodes = Count("--nodes", 1, "Machines with a database, over which pages are spread");

    private static readonly Option<int> Shards = Count("--shards", 0, "Shards on all nodes; 0 for 32, or 1 where there is one node");

    private static readonly Option<int> Lanes =
        Count("--lanes", 1, "What a node does at the same time: each lane is as fast as the two processors that the service times are of");

    private static readonly Option<string> Engine =
        new("--engine") { Description = "Whose service times", DefaultValueFactory = _ => "postgresql" };

    // What an event takes on Citus as a multiple of plain PostgreSQL, in processor time: the mean of a session, two page views and a leave,
    // 5.1 to 6.2 (bench/citus-costs; docs/scale.md, "What a distributed database costs").
    private const double DistributedCost = 6;

    private static readonly Option<double?> Cost = new("--cost")
    {
        Description = $"A factor for all service times [default: 1, and {DistributedCost} where there are several nodes, as measured with Citus]",
        HelpName = "n",
    };

    private static readonly Option<double?> Batch = Milliseconds("--batch-ms", "a batch without its events");

    private static readonly Option<double?> Event = Milliseconds("--event-ms", "an event within a batch");

    private static readonly Option<double?> Report = Milliseconds("--report-ms", "a report");

    private static readonly Option<double> Seconds = Number("--seconds", 20, "How much of each hour is played");

    private static readonly Option<int> Seed = Count("--seed", 17, "The same seed gives the same numbers");

    public static Task<int> RunAsync(string[] args)
    {
        Engine.AcceptOnlyFromAmong("sqlite", "postgresql");
        var root = new RootCommand(
            "Simulates an installation under load, to check a plan's queues and skew instead of its averages: pages by Zipf's law on shards "
            + "and nodes, a day's curve, a viral hour, a dead node, and writers that each commit what came meanwhile as one "
            + "batch. Prints how busy writers and nodes are, p50 and p99 of events and reports, and the head-room. Needs no database; the service "
            + "times are those of bench/RESULTS.md. It does not play checkpoints, sealing, backups and slow disks: measured p99 are higher. "
            + "docs/scale.md uses it.")
        {
            Visits, Events, Reports, Pages, Zipf, Viral, Instances, Nodes, Shards, Lanes, Engine, Cost, Batch, Event, Report, Seconds, Seed,
        };
        root.SetAction(parse =>
        {
            if (Problem(parse) is { } problem)
            {
                Console.Error.WriteLine(problem);
                return 1;
            }

            Console.Write(Summary.Of(Read(parse)));
            return 0;
        });
        return root.Parse(args).InvokeAsync();
    }

    private static Plan Read(ParseResult parse)
    {
        var usual = ServiceTimes[parse.GetRequiredValue(Engine)];
        var nodes = parse.GetValue(Nodes);
        var factor = (parse.GetValue(Cost) ?? (nodes > 1 ? DistributedCost : 1)) / 1000;
        return new Plan
        {
            VisitsPerDay = parse.GetValue(Visits),
            EventsPerVisit = parse.GetValue(Events),
            ReportsPerVisit = parse.GetValue(Reports),
            Pages = parse.GetValue(Pages),
            Zipf = parse.GetValue(Zipf),
            ViralVisits = parse.GetValue(Viral),
            Instances = parse.GetValue(Instances),
            Nodes = nodes,
            Shards = parse.GetValue(Shards) is var shards and > 0 ? shards : nodes > 1 ? 32 : 1,
            Lanes = parse.GetValue(Lanes),
            BatchSeconds = (parse.GetValue(Batch) ?? usual.Batch) * factor,
            EventSeconds = (parse.GetValue(Event) ?? usual.Event) * factor,
            ReportSeconds = (parse.GetValue(Report) ?? usual.Report) * factor,
            Seconds = parse.GetValue(Seconds),
            Seed = parse.GetValue(Seed),
        };
    }

    /// <summary>What cannot be simulated, or would fill the memory because of a mistyped number.</summary>
    private static string? Problem(ParseResult parse)
    {
        foreach (var (option, least, most) in ((Option<int>, int, int)[])
            [(Pages, 1, 10_000_000), (Instances, 1, 1_000), (Nodes, 1, 1_000), (Shards, 0, 100_000), (Lanes, 1, 1_000)])
        {
            if (parse.GetValue(option) is var value && (value < least || value > most))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{option.Name}: {value} is not from {least} to {most}.");
            }
        }

        foreach (var (option, least, most) in ((Option<double>, double, double)[])
            [(Visits, 0, 1e9), (Events, 0, 100), (Reports, 0, 100), (Zipf, 0, 5), (Viral, 0, 1e8), (Seconds, 1, 3600)])
        {
            if (parse.GetValue(option) is var value && !(value >= least && value <= most))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{option.Name}: {value} is not from {least} to {most}.");
            }
        }

        foreach (var option in (Option<double?>[])[Cost, Batch, Event, Report])
        {
            if (parse.GetValue(option) is { } value && !(value is >= 0 and <= 10_000))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{option.Name}: {value} is not from 0 to 10000.");
            }
        }

        var visits = (parse.GetValue(Visits) / 86_400 * DayCurve.Of(DayCurve.PeakHour)) + (parse.GetValue(Viral) / 3600);
        var requests = visits * (parse.GetValue(Events) + parse.GetValue(Reports)) * parse.GetValue(Seconds);
        return requests <= MaxRequests ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{requests:0} requests in {parse.GetValue(Seconds)} s are more than {MaxRequests}: give fewer --seconds.");
    }

    private static Option<double> Number(string name, double usual, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "n" };

    private static Option<double?> Milliseconds(string name, string of) =>
        new(name) { Description = $"Milliseconds of {of}, instead of the engine's", HelpName = "ms" };

    private static Option<int> Count(string name, int usual, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "n" };
}
