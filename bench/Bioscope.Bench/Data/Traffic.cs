using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;
using Bioscope.Server.Demo;

namespace Bioscope.Bench.Data;

/// <summary>Sessions and their page views, in the order of the sessions' starts, as many as are stored in one step.</summary>
internal sealed record Chunk(List<SessionRow> Sessions, List<PageViewRow> PageViews);

/// <summary>
/// All visits of the data set, oldest first and the pages mixed, as a server would have written them. The same population and the
/// same last instant give the same rows.
/// </summary>
internal sealed class Traffic(Population population, DateTimeOffset now)
{
    private const int SessionsPerChunk = 20_000;
    private const int RememberedVisitors = 4_096;
    private const double Returning = 0.25;

    // One view, and with this chance each another one: 1.6 on average.
    private const double AnotherView = 0.38;
    private const double Click = 0.7;

    private readonly DemoRandom _random = new(seed: 4);
    private readonly VisitTimes _times = new(now);
    private readonly List<ulong>?[] _visitors = new List<ulong>?[population.Pages.Count];

    public IEnumerable<Chunk> Chunks()
    {
        var order = Shuffled();
        return Chunks(order.Length, (number, part) => (population.Pages[order[number]], _times.At(part)));
    }

    /// <summary>So many visits of one page from an instant up to the last one.</summary>
    public IEnumerable<Chunk> Chunks(BenchPage page, int sessions, DateTimeOffset from) =>
        Chunks(sessions, (_, part) => (page, from.AddMilliseconds(Math.Floor((now - from).TotalMilliseconds * part))));

    /// <summary>Visits in the order of their starts.</summary>
    /// <param name="sessions">How many there are.</param>
    /// <param name="visit">The page and the start of a visit, by its number and by the part of all visits that came before it.</param>
    private IEnumerable<Chunk> Chunks(int sessions, Func<int, double, (BenchPage Page, DateTimeOffset Start)> visit)
    {
        for (var done = 0; done < sessions;)
        {
            var chunk = new Chunk(new(SessionsPerChunk), new(SessionsPerChunk * 2));
            for (var end = Math.Min(done + SessionsPerChunk, sessions); done < end; done++)
            {
                var (page, start) = visit(done, (done + _random.Fraction()) / sessions);
                Visit(page, start, chunk);
            }

            yield return chunk;
        }
    }

    /// <summary>The index of the page of each session: each page as often as it has sessions, in any order.</summary>
    private int[] Shuffled()
    {
        var order = population.Pages.SelectMany(page => Enumerable.Repeat(page.Rank - 1, page.Sessions)).ToArray();
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = _random.Below(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }

    private void Visit(BenchPage page, DateTimeOffset start, Chunk chunk)
    {
        var origin = Origins.Referrers.Next(_random);
        var (code, country) = Origins.Countries.Next(_random);
        var machine = Origins.Machines.Next(_random);
        var id = PagedId.SessionOf(_random.Uuid(start), page.Id); // as ingestion makes it, but the same in each run
        var first = chunk.PageViews.Count;
        var duration = PageViews(page, id, start, chunk.PageViews);
        chunk.Sessions.Add(new SessionRow
        {
            BioPageId = page.Id,
            Id = id,
            VisitorId = Visitor(page.Rank - 1),
            Referrer = origin.Referrer?.Replace("*", (_random.Next() & 0xFFFFFFFFFF).ToString("x", CultureInfo.InvariantCulture), StringComparison.Ordinal),
            ReferrerDomain = origin.Domain,
            Country = country,
            CountryCode = code,
            Device = machine.Device,
            Browser = machine.Browser,
            Os = machine.Os,
            StartedAt = start,
            Duration = duration,
            PageViews = chunk.PageViews.Count - first,
        });
    }

    /// <returns>How long the visit took in seconds; 0 for those who only looked in.</returns>
    private int PageViews(BenchPage page, Guid session, DateTimeOffset start, List<PageViewRow> views)
    {
        var (at, total) = (start, 0);
        Guid? link = null;
        do
        {
            var seconds = total == 0 && _random.Chance(0.3) ? 0 : (int)Math.Exp(2.4 + (0.9 * _random.Normal()));
            views.Add(new PageViewRow
            {
                BioPageId = page.Id,
                Id = PagedId.PageViewOf(_random.Uuid(at), page.Id),
                SessionId = session,
                Path = "/@creator",
                EnteredAt = at,
                LinkClicked = link,
                Duration = seconds,
            });
            total += seconds;
            at = at.AddSeconds(seconds);
            // The first links are clicked most.
            link = _random.Chance(Click) ? page.LinkIds[(int)(Math.Pow(_random.Fraction(), 1.7) * BenchPage.Links)] : null;
        }
        while (_random.Chance(AnotherView) && at < now);
        return total;
    }

    /// <summary>A stored visitor hash: of somebody new, or of one of those who came to this page lately.</summary>
    private string Visitor(int page)
    {
        var known = _visitors[page] ??= [];
        var visitor = _random.Next();
        if (known.Count > 0 && _random.Chance(Returning))
        {
            visitor = known[_random.Below(known.Count)];
        }
        else if (known.Count < RememberedVisitors)
        {
            known.Add(visitor);
        }
        else
        {
            known[_random.Below(RememberedVisitors)] = visitor;
        }

        return HashText(visitor);
    }

    /// <summary>64 hexadecimal characters that follow from the number, as the server's keyed hash has.</summary>
    private static string HashText(ulong visitor)
    {
        var random = new DemoRandom(visitor);
        Span<byte> bytes = stackalloc byte[32];
        for (var i = 0; i < bytes.Length; i += sizeof(ulong))
        {
            BitConverter.TryWriteBytes(bytes[i..], random.Next());
        }

        return Convert.ToHexStringLower(bytes);
    }
}
