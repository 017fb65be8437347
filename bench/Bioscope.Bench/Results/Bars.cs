using System.Globalization;
using Bioscope.Bench.Data;
using Bioscope.Bench.Load;
using Bioscope.Bench.Measures;
using Bioscope.Bench.Questions;

namespace Bioscope.Bench.Results;

/// <summary>Something that was promised of the server, what was measured of it, and whether that is enough; null where it was not measured.</summary>
internal sealed record Bar(string Asked, string Engine, string Measured, bool? IsMet);

/// <summary>What the server has to reach, looked up in the figures of a run.</summary>
internal sealed class Bars(IReadOnlyList<Figure> figures)
{
    /// <summary>The scale of the promises: the hottest page has a million sessions.</summary>
    private const double Scale = 1;
    private const int Days = 365;
    private const int SmallPage = 1_000;

    private static readonly string[] Engines = ["sqlite", "postgresql"];
    private static readonly string[] Temperatures = ["cold", "hot"];

    public IEnumerable<Bar> All() =>
    [
        .. Engines.SelectMany(Reports),
        .. Engines.SelectMany(Questions),
        .. Zipf(),
        .. Engines.SelectMany(Ingest),
        .. Engines.SelectMany(Viral),
        .. Engines.SelectMany(Whole),
        .. Engines.SelectMany(Growth),
    ];

    private IEnumerable<Bar> Reports(string engine)
    {
        var hottest = HottestAt(Scale);
        foreach (var temperature in Temperatures)
        {
            var ratios = BenchRun.Reports.ToDictionary(report => report, report =>
                Find(ReportTimes.Measure, engine, ReportTimes.Case(report, Days, hottest), temperature)
                    / Find(ReportTimes.Measure, engine, ReportTimes.Case(report, Days, SmallPage), temperature));
            yield return Most($"traffic of {hottest:N0} sessions at {Days} days, {temperature}: at most 3 × of {SmallPage:N0}", engine, ratios["traffic"], 3, "×");
            var others = ratios.Where(report => report.Key != "traffic").Select(report => report.Value).ToArray();
            yield return Most($"the other six likewise, {temperature}: the worst", engine, others.Contains(null) ? null : others.Max(), 3, "×");
            yield return Least(
                $"traffic likewise, {temperature}: at least 100 × faster than the published SQL",
                engine,
                Find(PublishedSql.Measure, engine, ReportTimes.Case("traffic", Days, hottest), $"faster than it, {temperature}"),
                100,
                "×");
        }
    }

    /// <summary>Each question must reach the bar; the one that is worst decides.</summary>
    private IEnumerable<Bar> Questions(string engine)
    {
        var what = $"{Question.All.Count} questions about the page of {HottestAt(Scale):N0} sessions";
        return
        [
            Worst($"{what}, hot: median at most 10 ms", "hot", "ms", value => value <= 10),
            Worst("likewise, hot: slowest request at most 25 ms", "hot, worst", "ms", value => value <= 25),
            Worst("likewise, cold: at most 100 ms", "cold", "ms", value => value <= 100),
            Worst("likewise, hot: at least 50 × faster than plain SQL", QuestionTimes.FasterThanSql, "×", value => value >= 50, isLowWorst: true),
            Worst("likewise, hot: at most 2 × the time of DuckDB", QuestionTimes.OfDuckDb, "×", value => value <= 2),
        ];

        Bar Worst(string asked, string metric, string unit, Func<double, bool> isMet, bool isLowWorst = false)
        {
            var all = (from question in Question.All
                       let value = Find(QuestionTimes.Measure, engine, question.Name, metric)
                       where value is not null
                       orderby isLowWorst ? value : -value
                       select (question.Name, Value: value.Value)).ToArray();
            return all.Length < Question.All.Count
                ? new Bar(asked, engine, "", null)
                : new Bar(
                    asked,
                    engine,
                    $"{ResultsText.Number(all[0].Value)} {unit} ({all[0].Name}), median of all {ResultsText.Number(Median.Of(all.Select(one => one.Value)))} {unit}, "
                        + $"met by {all.Count(one => isMet(one.Value))}",
                    isMet(all[0].Value));
        }
    }

    private IEnumerable<Bar> Zipf()
    {
        const string Jwt = "of bare with JWT";
        yield return Least("traffic, Zipf, 64 connections: at least 50 % of bare Kestrel with JWT", "sqlite", Find(ZipfThroughput.Measure, "sqlite", ZipfThroughput.Case, Jwt), 50, "%");
        yield return Least("likewise: at least 70 % of pgbench with the same statements", "postgresql", Find(ZipfThroughput.Measure, "postgresql", ZipfThroughput.Case, "of pgbench"), 70, "%");
        yield return Least("likewise: at least 6,000/s where bare Kestrel with JWT gives 50,000, so 12 %", "postgresql", Find(ZipfThroughput.Measure, "postgresql", ZipfThroughput.Case, Jwt), 12, "%");
    }

    private IEnumerable<Bar> Ingest(string engine)
    {
        var @case = IngestThroughput.Case(64);
        yield return Least("POST session, 64 connections: at least 15 % of bare Kestrel", engine, Find(IngestThroughput.Measure, engine, @case, "of bare POST"), 15, "%");
        yield return Least("likewise: at least 60 % of the engine alone, in the same batches", engine, Find(IngestThroughput.Measure, engine, @case, "of engine alone"), 60, "%");
        yield return Most("at half of that load: p99 under 50 ms", engine, Find(IngestThroughput.Measure, engine, IngestLatency.Case, "server, p99"), 50, "ms");
        yield return Most("SIGKILL under load: no answered id missing", engine, Find(IngestThroughput.Measure, engine, IngestCrash.Case, "missing ids"), 0, "missing");
    }

    private IEnumerable<Bar> Viral(string engine)
    {
        foreach (var report in (string[])["traffic", "overview"])
        {
            var asked = $"{report} of a page with 200,000 visits in the running hour: at least 60 % of its speed";
            yield return Least(asked, engine, Find(ViralHour.Measure, engine, ViralHour.Case(report, isOther: false), ViralHour.Ordinary), 60, "%");
            var others = "likewise, of another page: all of it, so at least 95 %";
            yield return Least(others, engine, Find(ViralHour.Measure, engine, ViralHour.Case(report, isOther: true), ViralHour.Ordinary), 95, "%");
        }
    }

    private IEnumerable<Bar> Whole(string engine)
    {
        var memory = figures.Where(figure => figure.Measure == "memory" && figure.Engine == engine && figure.Scale >= Scale).Select(figure => (double?)figure.Value).Max();
        yield return Most("memory of the server through all of it: under 300 MB", engine, memory, 300, "MB");
        yield return Most(
            "derived data and indexes: at most 100 % of the raw rows' bytes", engine, Find(Sizes.Measure, engine, Sizes.Case, Sizes.Overhead), 100, "%");
    }

    /// <summary>Each scale against the one before it: the hottest page, which grows with the data, in every report and window.</summary>
    private IEnumerable<Bar> Growth(string engine)
    {
        var scales = figures.Where(figure => figure.Measure == ReportTimes.Measure && figure.Engine == engine).Select(figure => figure.Scale).Distinct().Order().ToArray();
        foreach (var (small, large) in scales.Zip(scales.Skip(1)))
        {
            foreach (var temperature in Temperatures)
            {
                var changes = Changes(engine, small, large, temperature).OrderByDescending(change => change.Times).ToArray();
                var asked = string.Create(CultureInfo.InvariantCulture, $"{large / small:0.#} times more data, hottest page, {temperature}: at most 1.5 ×");
                yield return changes is []
                    ? new Bar(asked, engine, "", null)
                    : new Bar(
                        $"{asked}, the worst",
                        engine,
                        $"{ResultsText.Number(changes[0].Times)} × ({changes[0].Report}), half of them under {ResultsText.Number(changes[changes.Length / 2].Times)} ×",
                        changes[0].Times <= 1.5);
            }
        }
    }

    private IEnumerable<(string Report, double Times)> Changes(string engine, double small, double large, string temperature) =>
        from report in BenchRun.Reports
        from days in (int[])[1, 7, 30, 365]
        let times = Find(ReportTimes.Measure, engine, ReportTimes.Case(report, days, HottestAt(large)), temperature, large)
            / Find(ReportTimes.Measure, engine, ReportTimes.Case(report, days, HottestAt(small)), temperature, small)
        where times is not null
        select ($"{report}, {days} days", times.Value);

    private double? Find(string measure, string engine, string @case, string metric, double scale = Scale) => figures.LastOrDefault(figure =>
        figure.Measure == measure && figure.Engine == engine && figure.Case == @case && figure.Metric == metric && figure.Scale.Equals(scale))?.Value;

    private static int HottestAt(double scale) => new Population(scale).Hottest.Sessions;

    private static Bar Most(string asked, string engine, double? measured, double most, string unit) => Of(asked, engine, measured, unit, value => value <= most);

    private static Bar Least(string asked, string engine, double? measured, double least, string unit) => Of(asked, engine, measured, unit, value => value >= least);

    private static Bar Of(string asked, string engine, double? measured, string unit, Func<double, bool> isMet) => measured is { } value
        ? new Bar(asked, engine, $"{ResultsText.Number(value)} {unit}", isMet(value))
        : new Bar(asked, engine, "", null);
}
