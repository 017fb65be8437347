using Bioscope.Core;
using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Bench.Questions;

/// <summary>
/// A page of any size that has segments only, as a year leaves them: to make its raw rows and seal them would take an hour for ten million visits.
/// Two of five visits are of new visitors, who stay in their country with their device and come from anywhere each time; a visit has up to four
/// page views in an hour, of which two of five are clicks.
/// </summary>
internal sealed class LargePage(Guid id, int sessions, DateTimeOffset until)
{
    private const int SessionsInSegment = 25_000;

    /// <summary>One of its ten links.</summary>
    public static readonly Guid FirstLink = Link(1);

    private static readonly string[] Domains = [.. Enumerable.Range(0, 400).Select(i => i < 3 ? ((string[])["instagram.com", "tiktok.com", "youtube.com"])[i] : $"site-{i}.example")];
    private static readonly string[] Countries = ["IN", "US", "DE", "BR", "ID", "FR", "GB", "JP", "TR", "ES"];
    private static readonly string?[][] Clients = [.. from device in (string[])["mobile", "desktop", "tablet"] from browser in (string[])["Chrome", "Safari", "Firefox"]
        from os in (string[])["iOS", "Android", "Windows"] select (string?[])[device, browser, os, "en"]];

    private readonly Random _random = new(20261128);
    private readonly PriorityQueue<(int Session, int Link), long> _views = new();
    private int _visitors;

    public async Task WriteAsync(AnalyticsDatabase analytics, CancellationToken cancellationToken)
    {
        var from = until.AddDays(-365);
        var count = (sessions + SessionsInSegment - 1) / SessionsInSegment;
        for (var number = 0; number < count; number++)
        {
            var (start, end) = (At(number), At(number + 1));
            var firstVisitor = _visitors;
            var block = Block(number, Math.Min(SessionsInSegment, sessions - (number * SessionsInSegment)), start, end);
            var segment = new Segment(
                id, number, 1, start, end, block.FirstSession, block.SessionCount, block.ViewCount, firstVisitor, _visitors - firstVisitor, LooseViews: 0);
            await analytics.InsertAsync(Segment.Table, [segment], cancellationToken);
            await analytics.InsertAsync(
                SegmentColumn.Table,
                [.. SegmentStep.Parts(block, [], []).Select(part => new SegmentColumn(id, part.Name, number, part.Bytes))],
                cancellationToken);
        }

        await analytics.InsertAsync(
            PageState.Table, [new PageState(id, 1, Grain.Month.Floor(from), until, _visitors, ShardBits: 0) { SegmentedUntil = until }], cancellationToken);

        DateTimeOffset At(int number) => from.AddSeconds(365L * 86_400 * number / count);
    }

    private RowBlock Block(int number, int count, DateTimeOffset from, DateTimeOffset end)
    {
        var (start, length) = (from.ToUnixTimeMilliseconds(), (end - from).TotalMilliseconds);
        var builder = new RowBlockBuilder(FactSet.All, number * SessionsInSegment);
        for (var i = 0; i < count; i++)
        {
            var at = start + (long)(length * i / count);
            var views = 1 + _random.Next(4);
            var visitor = Visitor();
            var session = builder.AddSession(at, visitor, views, _random.Next(300));
            AddFacts(builder, unchecked((uint)visitor * 2_654_435_761u) / (uint.MaxValue + 1.0));
            for (var view = 0; view < views; view++)
            {
                _views.Enqueue((session, _random.Next(5) < 2 ? 1 + _random.Next(10) : 0), at + _random.Next(3_600_000));
            }
        }

        while (_views.TryPeek(out var view, out var at) && at < end.ToUnixTimeMilliseconds())
        {
            _views.Dequeue();
            builder.AddPageView(at, view.Session, builder.CodeOfLink(view.Link == 0 ? null : Link(view.Link).ToString()));
        }

        return builder.Build((start, end.ToUnixTimeMilliseconds()));
    }

    private static Guid Link(int number) => new(number, 0, 0, new byte[8]);

    private int Visitor() => _visitors == 0 || _random.Next(5) < 2 ? _visitors++ : _random.Next(_visitors);

    /// <param name="builder">Takes the facts.</param>
    /// <param name="ofVisitor">A number from 0 to 1 that her visits have in common.</param>
    private void AddFacts(RowBlockBuilder builder, double ofVisitor)
    {
        var domain = Domains[(int)(Domains.Length * Math.Pow(_random.NextDouble(), 3))];
        for (var set = 0; set < FactSet.All.Count; set++)
        {
            var values = new string?[FactSet.All[set].Columns.Count];
            if (FactSet.All[set] == FactSet.Origin)
            {
                values[0] = domain;
            }
            else if (FactSet.All[set] == FactSet.Place)
            {
                values[0] = Countries[(int)(Countries.Length * Math.Pow(ofVisitor, 2))];
            }
            else if (FactSet.All[set] == FactSet.Client)
            {
                values = Clients[(int)(ofVisitor * 1_000 % Clients.Length)];
            }

            builder.AddFacts(set, values);
        }
    }
}
