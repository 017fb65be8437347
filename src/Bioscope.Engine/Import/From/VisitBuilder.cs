using System.Globalization;
using Bioscope.Core;
using Bioscope.Engine.Rows;

namespace Bioscope.Engine.Import.From;

/// <summary>
/// Makes visits of the rows of another tool. A visit's rows may be anywhere in a file of up to 50,000 visits; in a longer one, visits that
/// have been idle for long are finished, so that memory stays flat. Ids come from the content, so that a longer export has those of a
/// shorter one.
/// </summary>
/// <param name="target">Where the visits go.</param>
/// <param name="tool">The tool's name, a part of the ids.</param>
/// <param name="gap">After which time without a row the next one begins another visit; null where the tool names visits.</param>
internal sealed class VisitBuilder(ImportTarget target, string tool, TimeSpan? gap = null)
{
    private const int MaxOpen = 50_000;

    // Far more than a person loads; a whole file without visits must not become one in memory.
    private const int MaxHits = 100_000;

    private readonly Dictionary<string, OpenVisit> _open = new(StringComparer.Ordinal);
    private DateTimeOffset _newest;

    // Rows may be late by the time of a long request.
    private TimeSpan Idle => gap is { } time ? time * 2 : SessionRow.Life;

    /// <summary>Takes a row, and returns the rows of visits that are over.</summary>
    public IEnumerable<ImportItem> Add(long line, Hit hit)
    {
        if (target.ProblemOf(hit.At) is { } problem)
        {
            return [new ImportItem(line, null, problem)];
        }

        List<ImportItem> over = [];
        if (_open.TryGetValue(hit.Visit, out var visit) && gap is { } time && (hit.At - visit.Last > time || visit.First.At - hit.At > time))
        {
            over.AddRange(Rows(visit));
            visit = null;
        }

        if (visit is null)
        {
            _open[hit.Visit] = visit = new OpenVisit(hit);
        }

        if (visit.Hits.Count >= MaxHits)
        {
            target.LeaveOut($"after the first {MaxHits} of one visit");
            return over;
        }

        visit.Add(line, hit);
        _newest = hit.At > _newest ? hit.At : _newest;
        if (_open.Count > MaxOpen)
        {
            over.AddRange(Sweep());
        }

        return over;
    }

    /// <summary>The rows of all visits that are still open, in the order of their beginnings.</summary>
    public IEnumerable<ImportItem> Rest()
    {
        var rest = _open.Values.OrderBy(visit => visit.First.At).ThenBy(visit => visit.First.Visit, StringComparer.Ordinal).ToList();
        _open.Clear();
        return rest.SelectMany(Rows);
    }

    private IEnumerable<ImportItem> Sweep()
    {
        var over = _open.Where(visit => _newest - visit.Value.Last > Idle).ToList();
        if (_open.Count - over.Count > MaxOpen / 2)
        {
            over = [.. _open.OrderBy(visit => visit.Value.Last).Take(MaxOpen / 2)];
        }

        foreach (var (key, _) in over)
        {
            _open.Remove(key);
        }

        return over.SelectMany(visit => Rows(visit.Value));
    }

    private List<ImportItem> Rows(OpenVisit visit)
    {
        var (first, hits) = (visit.First, visit.Hits.OrderBy(hit => hit.Hit.At).ToList());
        var name = gap is null ? first.Visit
            : string.Create(CultureInfo.InvariantCulture, $"{first.Visit}\0{first.At.ToUnixTimeMilliseconds()}");
        var session = Named("visit", name);
        var ids = new Guid[hits.Count];
        var occurrences = new Dictionary<Guid, int>();
        for (var i = 0; i < hits.Count; i++)
        {
            var hit = hits[i].Hit;
            var content = string.Create(
                CultureInfo.InvariantCulture, $"{name}\0{hit.At.ToUnixTimeMilliseconds()}\0{hit.Path}\0{hit.Title}\0{hit.Link}");
            var id = hit.Id is { } own ? Named("hit", own) : Named("view", content);
            // Two rows may look the same: a page that is loaded twice within a second.
            var count = occurrences[id] = occurrences.GetValueOrDefault(id) + 1;
            ids[i] = count == 1 ? id : hit.Id is null ? Named("view", string.Create(CultureInfo.InvariantCulture, $"{content}\0{count}")) : default;
        }

        var lasted = (int)Math.Min(
            Math.Max((visit.Last - first.At).TotalSeconds, hits.Max(hit => hit.Hit.VisitDuration)), ImportLine.MaxDuration);
        var row = first.Facts(target.NewSession(session, tool, first.Visitor, first.At)) with
        {
            Duration = lasted,
            LastActivityAt = first.At.AddSeconds(lasted),
            PageViews = ids.Count(id => id != default),
            LastPageViewId = ids.Last(id => id != default),
        };
        var items = new List<ImportItem> { new(hits[0].Line, row, null) };
        for (var i = 0; i < hits.Count; i++)
        {
            if (ids[i] != default) // a row that is in the file twice
            {
                var next = i + 1 < hits.Count ? hits[i + 1].Hit.At : (DateTimeOffset?)null;
                items.Add(new ImportItem(hits[i].Line, View(hits[i].Hit, ids[i], session, next), null));
            }
        }

        return items;
    }

    private PageViewRow View(Hit hit, Guid id, Guid session, DateTimeOffset? next) => new()
    {
        BioPageId = target.Page,
        Id = id,
        SessionId = session,
        Path = ImportTarget.CutPath(hit.Path),
        Title = ImportTarget.Cut(hit.Title),
        EnteredAt = hit.At,
        LinkClicked = hit.Link,
        Duration = next is { } end ? (int)Math.Clamp((end - hit.At).TotalSeconds, 0, ImportLine.MaxDuration) : null,
    };

    private Guid Named(string kind, string name) => Uuid.Named($"import {kind}\0{tool}\0{target.Page:D}\0{name}");

    private sealed class OpenVisit(Hit first)
    {
        /// <summary>The earliest, which has the visit's facts.</summary>
        public Hit First { get; private set; } = first;

        public DateTimeOffset Last { get; private set; } = first.At;

        public List<(long Line, Hit Hit)> Hits { get; } = [];

        public void Add(long line, Hit hit)
        {
            First = hit.At < First.At ? hit : First;
            Last = hit.At > Last ? hit.At : Last;
            // Only the first one's facts are used, and they may hold a whole row of the file.
            Hits.Add((line, hit == First ? hit : hit with { Facts = Nothing }));
        }

        private static SessionRow Nothing(SessionRow row) => row;
    }
}
