using Bioscope.Engine.Columns;
using Bioscope.Engine.Counting;

namespace Bioscope.Engine.Tests.Counting.Model;

/// <summary>Puts the rows of a <see cref="PageModel"/> into blocks.</summary>
internal static class ModelBlocks
{
    /// <summary>
    /// Blocks as sealed hours are kept: one ends at each cut, and the last one has all that comes later, sessions that are not stored, and
    /// page views that came before the block of their session. Visitors are numbered in the order in which they come.
    /// </summary>
    public static PageRows Sealed(PageModel page, IReadOnlyList<long> cuts)
    {
        var (blocks, visitors, first) = (new List<RowBlock>(), new Dictionary<int, int>(), 0);
        var blockOf = page.Sessions.Select(session => BlockAt(cuts, session.StartedAt)).ToArray();
        var blockOfView = page.Views.Select(view => BlockAt(cuts, view.EnteredAt) is var block
            && view.Session < blockOf.Length && blockOf[view.Session] <= block ? block : cuts.Count).ToArray();
        for (var number = 0; number <= cuts.Count; number++)
        {
            var isLast = number == cuts.Count;
            var (builder, firstVisitor) = (new RowBlockBuilder(FactSet.All, first), visitors.Count);
            var sessions = page.Sessions.Skip(first).TakeWhile((_, i) => blockOf[first + i] == number).ToArray();
            Array.ForEach(sessions, session => Add(builder, session, NumberOf(visitors, session.Visitor)));
            var views = page.Views.Where((_, i) => blockOfView[i] == number).ToArray();
            AddNotStored(builder, isLast ? page : page with { Views = [] });
            Array.ForEach(views, view => builder.AddPageView(view.EnteredAt, view.Session, builder.CodeOfLink(view.Link)));
            var block = isLast ? builder.Build()
                : builder.Build((number == 0 ? DateTimeOffset.MinValue.ToUnixTimeMilliseconds() : cuts[number - 1], cuts[number]));
            blocks.Add(Copy(block, _ => true, FactSet.All, isLasting: !isLast, firstVisitor));
            first += sessions.Length;
        }

        return new PageRows(blocks, new PageValues(), visitors.Count);
    }

    /// <summary>
    /// One block as raw rows are read: sessions that started in the range, then those of its page views, with visitors in any order and
    /// who is returning beside them.
    /// </summary>
    public static PageRows Raw(PageModel page, CountQuery query)
    {
        var views = page.Views.Where(view => view.EnteredAt >= query.Range.From && view.EnteredAt < query.Range.Until).ToArray();
        var stored = Enumerable.Range(0, page.Sessions.Count).ToArray();
        var inRange = stored.Where(session => page.Sessions[session].StartedAt >= query.Range.From
            && page.Sessions[session].StartedAt < query.Range.Until);
        int[] sessions = [.. inRange.Reverse().Concat(views.Select(view => view.Session).Where(session => session < stored.Length))
            .Distinct()];
        var (builder, visitors) = (new RowBlockBuilder(FactSet.All), new Dictionary<int, int>());
        var numbers = sessions.Select((session, number) => (session, number)).ToDictionary(pair => pair.session, pair => pair.number);
        Array.ForEach(sessions, session => Add(builder, page.Sessions[session], NumberOf(visitors, page.Sessions[session].Visitor)));
        foreach (var session in views.Select(view => view.Session).Where(session => session >= stored.Length).Distinct())
        {
            numbers[session] = builder.AddSessionNotStored();
        }

        Array.ForEach(views, view => builder.AddPageView(view.EnteredAt, numbers[view.Session], builder.CodeOfLink(view.Link)));
        var block = builder.Build();
        var isReturning = sessions.Select(session => page.IsReturning(session) ? 1 : 0)
            .Concat(new int[builder.SessionCount - sessions.Length]);
        block[BlockColumn.IsReturning] = NumberColumn.Of<int>(isReturning.ToArray());
        return new PageRows([block], new PageValues(), visitors.Count);
    }

    /// <summary>
    /// Of blocks as sealed hours are kept only what a question needs, as it is read from a database: the columns, the blocks in its range,
    /// and those whose sessions page views of these are of. The last block, which is in memory, is there as a whole.
    /// </summary>
    public static PageRows Lean(PageRows rows, CountQuery query)
    {
        var needs = QueryNeeds.Of(query);
        var filtersLinks = query.Filters.Any(filter => filter.Dimension.Kind == DimensionKind.Link);
        var inRange = rows.Blocks.Where(block => block.From < query.Range.Until && block.Until > query.Range.From).ToHashSet();
        var named = inRange.Where(_ => needs.PageViews).SelectMany(SessionsOfViews).Select(rows.BlockOf).ToHashSet();
        var blocks = rows.Blocks.Take(rows.Blocks.Count - 1).Where(block => inRange.Contains(block) || named.Contains(block))
            .Select(block =>
        {
            var isInside = block.From >= query.Range.From && block.Until <= query.Range.Until;
            var hasViews = needs.PageViews && inRange.Contains(block);
            return Copy(
                block,
                column => column switch
                {
                    BlockColumn.StartedAt => needs.Times || !isInside,
                    BlockColumn.EnteredAt => hasViews && (needs.Times || filtersLinks || !isInside),
                    BlockColumn.Session or BlockColumn.Link => hasViews,
                    _ => needs.Columns.Contains(column) || needs.Sets.Any(set => set.Column == column),
                },
                needs.Sets,
                block.IsLasting,
                block.FirstVisitor);
        });
        return rows with { Blocks = [.. blocks, rows.Blocks[^1]] };
    }

    /// <summary>
    /// What is read where a checkpoint is known: of blocks that last, only those are there as a whole whose sessions later page views are of.
    /// </summary>
    public static PageRows AfterCheckpoint(PageRows rows, Checkpoint checkpoint)
    {
        var named = rows.Blocks.Where(block => !block.IsLasting).SelectMany(SessionsOfViews).Select(rows.BlockOf).ToHashSet();
        return rows with
        {
            Checkpoint = checkpoint,
            Blocks = [.. rows.Blocks.Select(block =>
                !block.IsLasting || named.Contains(block) ? block : Copy(block, _ => false, [], isLasting: true, block.FirstVisitor))],
        };
    }

    private static int[] SessionsOfViews(RowBlock block)
    {
        var sessions = new int[block.ViewCount];
        block[BlockColumn.Session].CopyTo(sessions.AsSpan());
        return sessions;
    }

    private static int BlockAt(IReadOnlyList<long> cuts, long at) => cuts.Count(cut => cut <= at);

    private static int NumberOf(Dictionary<int, int> numbers, int visitor)
    {
        numbers.TryAdd(visitor, numbers.Count);
        return numbers[visitor];
    }

    private static void Add(RowBlockBuilder builder, ModelSession session, int visitor)
    {
        builder.AddSession(session.StartedAt, visitor, session.PageViews, session.Seconds);
        for (var set = 0; set < FactSet.All.Count; set++)
        {
            builder.AddFacts(set, [.. FactSet.All[set].Columns.Select(session.Fact)]);
        }
    }

    private static void AddNotStored(RowBlockBuilder builder, PageModel page)
    {
        var last = page.Views.Select(view => view.Session).DefaultIfEmpty(-1).Max();
        for (var session = page.Sessions.Count; session <= last; session++)
        {
            builder.AddSessionNotStored();
        }
    }

    private static RowBlock Copy(RowBlock block, Func<BlockColumn, bool> has, IEnumerable<FactSet> sets, bool isLasting, int firstVisitor)
    {
        var copy = new RowBlock
        {
            Key = block.Key,
            IsLasting = isLasting,
            From = block.From,
            Until = block.Until,
            FirstSession = block.FirstSession,
            SessionCount = block.SessionCount,
            ViewCount = block.ViewCount,
            FirstVisitor = firstVisitor,
            Links = block.Links,
        };
        foreach (var column in Enum.GetValues<BlockColumn>().Where(column => block.Has(column) && has(column)))
        {
            copy[column] = block[column];
        }

        foreach (var set in sets)
        {
            copy.Facts[set] = block.Facts[set];
        }

        return copy;
    }
}
