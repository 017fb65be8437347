using System.Runtime.CompilerServices;
using Bioscope.Engine.Columns;

namespace Bioscope.Engine.Counting;

/// <summary>The values of a session's dimension as numbers: those of its facts, or which visit of its visitor it is.</summary>
internal static class SessionCodes
{
    private const int UnknownKind = 0, New = 1, Returning = 2;

    // The first session of a visitor on the page ever is new, by time, then id. Sessions that are not stored have no kind.
    private static readonly string?[] Kinds = [null, "new", "returning"];

    /// <summary>The value of each number, for all blocks of the page; null for 0.</summary>
    public static string?[] TextsOf(Dimension dimension, PageRows rows)
    {
        if (dimension.Kind == DimensionKind.VisitorKind)
        {
            return Kinds;
        }

        foreach (var block in rows.Blocks.Where(block => block.Has(dimension.Set!.Column)))
        {
            rows.MapOf(block, dimension); // every value has a number now
        }

        return rows.Values.Texts(dimension, rows.Naming);
    }

    /// <summary>Copies the number of each session's value.</summary>
    public static void Copy(Dimension dimension, RowBlock block, PageRows rows, Span<int> to)
    {
        if (dimension.Kind == DimensionKind.VisitorKind)
        {
            CopyKinds(block, to);
        }
        else
        {
            block[dimension.Set!.Column].CopyTo<int>(to, rows.MapOf(block, dimension));
        }
    }

    /// <summary>Copies whether each session's value is allowed.</summary>
    public static void Copy(Dimension dimension, RowBlock block, PageRows rows, bool[] allowed, Span<bool> to)
    {
        if (dimension.Kind != DimensionKind.VisitorKind)
        {
            var allowedFacts = Array.ConvertAll(rows.MapOf(block, dimension), code => allowed[code]);
            block[dimension.Set!.Column].CopyTo<bool>(to, allowedFacts);
            return;
        }

        using var scratch = new Scratch();
        var kinds = scratch.Span<int>(block.SessionCount);
        CopyKinds(block, kinds);
        for (var i = 0; i < kinds.Length; i++)
        {
            to[i] = allowed[kinds[i]];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyKinds(RowBlock block, Span<int> to)
    {
        if (block.Has(BlockColumn.IsReturning))
        {
            block[BlockColumn.IsReturning].CopyTo(to);
            for (var i = 0; i < to.Length; i++)
            {
                to[i] = block[BlockColumn.StartedAt][i] == RowBlock.NotStored ? UnknownKind : New + to[i];
            }

            return;
        }

        // Visitors are numbered as they come: who has the next number was not there before.
        var next = block.FirstVisitor;
        block[BlockColumn.Visitor].CopyTo(to);
        for (var i = 0; i < to.Length; i++)
        {
            var visitor = to[i];
            var isNew = visitor >= next ? 1 : 0;
            next += isNew;
            to[i] = visitor == RowBlock.Unknown ? UnknownKind : Returning - isNew;
        }
    }
}
