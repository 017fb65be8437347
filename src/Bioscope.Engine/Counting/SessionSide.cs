using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>What a question needs to know of the sessions of a block: each is worked out once, when it is first asked for.</summary>
internal sealed class SessionSide : IDisposable
{
    private readonly PageRows _rows;
    private readonly RowFilters _filters;
    private readonly RowGroups _groupsOf;
    private readonly Scratch _scratch = new();
    private readonly int[]?[] _codes; // by dimension of the question
    private bool[]? _counts;
    private ArraySegment<int>? _rowsThatCount;
    private long[]? _startedAt;
    private int[]? _visitors, _groups;

    public SessionSide(RowBlock block, PageRows rows, RowFilters filters, RowGroups groups)
    {
        (Block, _rows, _filters, _groupsOf) = (block, rows, filters, groups);
        _codes = new int[]?[groups.Parts.Count];
        IsInRange = filters.Covers(block);
        Passes = filters.PassesOf(block, _scratch);
    }

    /// <summary>The block.</summary>
    public RowBlock Block { get; }

    /// <summary>The number of its first session.</summary>
    public int First => Block.FirstSession;

    /// <summary>How many sessions there are.</summary>
    public int Count => Block.SessionCount;

    /// <summary>Whether all rows of the block are in the range.</summary>
    public bool IsInRange { get; }

    /// <summary>Whether a session passes: facts, kind of visitor, links; null where all do.</summary>
    public bool[]? Passes { get; }

    /// <summary>Whether a session counts as a visit: it passes, and its own time does too.</summary>
    public bool[] Counts
    {
        get
        {
            if (_counts is not null || (Passes is not null && AllTimesCount))
            {
                return _counts ?? Passes!;
            }

            _counts = _scratch.Array<bool>(Count);
            var counts = _counts.AsSpan(0, Count);
            if (Passes is null)
            {
                counts.Fill(true);
            }
            else
            {
                Passes.AsSpan(0, Count).CopyTo(counts);
            }

            if (!AllTimesCount)
            {
                _filters.KeepTimes(StartedAt, counts);
            }

            return _counts;
        }
    }

    /// <summary>The sessions that count as visits.</summary>
    public ReadOnlySpan<int> Rows => AllTimesCount && Passes is null
        ? RowNumbers.All(Count)
        : _rowsThatCount ??= RowNumbers.Where(RowNumbers.All(Count), Counts, _scratch);

    /// <summary>The visitor of each session, or <see cref="RowBlock.Unknown"/>.</summary>
    public int[] Visitors
    {
        get
        {
            if (_visitors is null)
            {
                _visitors = _scratch.Array<int>(Count);
                Block[BlockColumn.Visitor].CopyTo(_visitors.AsSpan());
            }

            return _visitors;
        }
    }

    /// <summary>The group of each session: of all where groups are of sessions, else of those that count; null where there is one only.</summary>
    public int[]? Groups
    {
        get
        {
            if (_groups is null && _groupsOf.Parts.Count > 0)
            {
                _groups = _scratch.Array<int>(Count);
                CopyGroups(_groups);
            }

            return _groups;
        }
    }

    private bool AllTimesCount => IsInRange && !_filters.FiltersTimes;

    private ReadOnlySpan<long> StartedAt
    {
        get
        {
            if (_startedAt is null)
            {
                _startedAt = _scratch.Array<long>(Count);
                Block[BlockColumn.StartedAt].CopyTo(_startedAt);
            }

            return _startedAt.AsSpan(0, Count);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _scratch.Dispose();

    private void CopyGroups(Span<int> groups)
    {
        var parts = _groupsOf.Parts;
        if (parts is [{ Dimension: { Kind: DimensionKind.Session } dimension }])
        {
            // Facts are far fewer than sessions: their groups are numbered, not each session's.
            var groupOf = Array.ConvertAll(_rows.MapOf(Block, dimension), code => _groupsOf.NumberOf(code));
            Block[dimension.Set!.Column].CopyTo<int>(groups, groupOf);
            return;
        }

        var rows = _groupsOf.OfSessions ? RowNumbers.All(Count) : Rows;
        if (!_groupsOf.ByTime || !_groupsOf.TryNumber(StartedAt, rows, groups))
        {
            _groupsOf.Number(CodesOf(0), parts.Count > 1 ? CodesOf(1) : null, rows, groups);
        }
    }

    /// <summary>The number of each session's value in a dimension of sessions; in one of times, of those that count.</summary>
    /// <param name="part">Which dimension of the question it is.</param>
    public int[] CodesOf(int part)
    {
        if (_codes[part] is not { } codes)
        {
            _codes[part] = codes = _scratch.Array<int>(Count);
            if (_groupsOf.Parts[part].Buckets is { } buckets)
            {
                buckets.CopyTo(StartedAt, Rows, codes);
            }
            else
            {
                SessionCodes.Copy(_groupsOf.Parts[part].Dimension, Block, _rows, codes.AsSpan(0, Count));
            }
        }

        return codes;
    }
}
