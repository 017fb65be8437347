using System.Runtime.InteropServices;

namespace Bioscope.Engine.Columns;

/// <summary>
/// Origins and referrers of sessions as one set of facts, for rules that look at both. They are kept apart because referrers are many; so this
/// is made only for questions that need it.
/// </summary>
internal static class OriginWithReferrer
{
    /// <summary>
    /// The block with the referrer behind the other values of each <see cref="FactSet.Origin"/>. A block that lasts gets the same numbers each
    /// time.
    /// </summary>
    public static RowBlock Join(RowBlock block)
    {
        if (!block.Has(BlockColumn.Origin) || !block.Has(BlockColumn.Referrer))
        {
            return block;
        }

        var (origins, referrers) = (new int[block.SessionCount], new int[block.SessionCount]);
        block[BlockColumn.Origin].CopyTo(origins.AsSpan());
        block[BlockColumn.Referrer].CopyTo(referrers.AsSpan());
        var (numbers, pairs) = (new Dictionary<(int Origin, int Referrer), int>(), new List<(int Origin, int Referrer)>());
        for (var i = 0; i < origins.Length; i++)
        {
            var pair = (origins[i], referrers[i]);
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, pair, out var isKnown);
            if (!isKnown)
            {
                number = pairs.Count;
                pairs.Add(pair);
            }

            origins[i] = number;
        }

        return block.With(NumberColumn.Of<int>(origins), FactSet.Origin, Entries(block, pairs));
    }

    // What the numbers stand for is read only where it is not known yet.
    private static List<string?[]>? Entries(RowBlock block, List<(int Origin, int Referrer)> pairs) =>
        block.Facts.TryGetValue(FactSet.Origin, out var origins) && block.Facts.TryGetValue(FactSet.Referrer, out var referrers)
            ? pairs.ConvertAll<string?[]>(pair => origins[pair.Origin].Length == 0 ? [] : [.. origins[pair.Origin], .. referrers[pair.Referrer]])
            : null;
}
