using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>What a question needs to know of the sessions of a block: each is worked out once, when it is first asked for.</summary>
internal sealed class SessionSide
{
    private readonly RowBlock _block;
    private readonly PageRows _rows;
    private readonly RowFilters _filters;
    private readonly Scratch _scratch;
    private readonly int[]?[] _codes; // by dimension of the question
    private bool[]? _counts;
    private long[]? _startedAt;
    private int[]? _visitors;

    public SessionSide(RowBlock block, CountQuery query, PageRows rows, RowFilters filters, Scratch scratch)
    {
        (_block, _rows, _filters, _scratch) = (block, rows, filters, scratch);
        _codes = new int[]?[query.Dimensions.Count];
        IsInRange = block.From >= query.Range.From && block.Until <= query.Range.Until;
        Passes = filters.PassesOf(block, scratch);
    }

    /// <summary>The number of its first session.</summary>
    public int First => _block.FirstSession;

    /// <summary>How many sessions there are.</summary>
    public int Count => _block.SessionCount;

    /// <summary>Whether all rows of the block are in the range.</summary>
    public bool IsInRange { get; }

    /// <summary>Whether a session passes: facts, kind of visitor, links; null where all do.</summary>
    public bool[]? Passes { get; }

    /// <summary>Whether a session counts as a visit: it passes, and its own time does too; null where all do.</summary>
    public bool[]? Counts
    {
        get
        {
            if (_counts is null && !(IsInRange && !_filters.FiltersTimes))
            {
                _counts = _scratch.Array<bool>(Count);
                if (Passes is null)
                {
                    _counts.AsSpan(0, Count).Fill(true);
                }
                else
                {
                    Passes.AsSpan(0, Count).CopyTo(_counts);
                }

                _filters.KeepTimes(StartedAt, _counts.AsSpan(0, Count));
            }

            return _counts ?? Passes;
        }
    }

    /// <summary>When each session started.</summary>
    public ReadOnlySpan<long> StartedAt
    {
        get
        {
            if (_startedAt is null)
            {
                _startedAt = _scratch.Array<long>(Count);
                _block[BlockColumn.StartedAt].CopyTo(_startedAt);
            }

            return _startedAt.AsSpan(0, Count);
        }
    }

    /// <summary>The visitor of each session, or <see cref="RowBlock.Unknown"/>.</summary>
    public int[] Visitors
    {
        get
        {
            if (_visitors is null)
            {
                _visitors = _scratch.Array<int>(Count);
                _block[BlockColumn.Visitor].CopyTo(_visitors.AsSpan());
            }

            return _visitors;
        }
    }

    /// <summary>The number of each session's value in a dimension of sessions.</summary>
    /// <param name="part">Which dimension of the question it is.</param>
    /// <param name="dimension">The dimension.</param>
    public int[] CodesOf(int part, Dimension dimension)
    {
        if (_codes[part] is not { } codes)
        {
            _codes[part] = codes = _scratch.Array<int>(Count);
            SessionCodes.Copy(dimension, _block, _rows, codes.AsSpan(0, Count));
        }

        return codes;
    }

    /// <summary>As <see cref="CodesOf"/>, also of a time: of sessions that count.</summary>
    public int[] OwnCodesOf(int part, RowGroups.Part of)
    {
        if (of.Buckets is not { } buckets)
        {
            return CodesOf(part, of.Dimension);
        }

        if (_codes[part] is not { } codes)
        {
            _codes[part] = codes = _scratch.Array<int>(Count);
            var counts = Counts;
            buckets.CopyTo(StartedAt, counts is null ? default : counts.AsSpan(0, Count), codes);
        }

        return codes;
    }
}
