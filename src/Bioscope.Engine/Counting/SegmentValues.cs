using Bioscope.Engine.Columns;
using Bioscope.Engine.Segments;

namespace Bioscope.Engine.Counting;

/// <summary>Gives the values that occur in a page's segments their numbers on the page, see <see cref="PageValues"/>.</summary>
internal sealed class SegmentValues(SegmentReader reader, PageValues values)
{
    // What numbers stand for takes up to some 100 KB a segment, and is dropped once it is numbered.
    private const int SegmentsAtOnce = 100;

    /// <summary>Numbers the values of dimensions of sessions.</summary>
    /// <param name="dimensions">The dimensions.</param>
    /// <param name="naming">What the creator says of values.</param>
    /// <param name="joined">Whether origins are joined with referrers, see <see cref="OriginWithReferrer"/>.</param>
    /// <param name="segments">The segments; of those whose values have numbers nothing is read.</param>
    public async Task NumberAsync(IEnumerable<Dimension> dimensions, Naming naming, bool joined, IReadOnlyList<Segment> segments)
    {
        foreach (var ofSet in dimensions.Where(dimension => dimension.Set is not null).ToLookup(dimension => dimension.Set!))
        {
            FactSet[] sets = joined && ofSet.Key == FactSet.Origin ? [FactSet.Origin, FactSet.Referrer] : [ofSet.Key];
            var unknown = segments.Where(segment => ofSet.Any(dimension => !values.Knows(segment.Key, dimension, naming)));
            foreach (var some in unknown.Chunk(SegmentsAtOnce))
            {
                var taken = reader.Taken;
                foreach (var block in await BlocksAsync(some, sets))
                {
                    foreach (var dimension in ofSet)
                    {
                        values.MapOf(block, dimension, naming);
                    }
                }

                reader.GiveBack(taken);
            }
        }
    }

    /// <summary>Numbers the links of page views.</summary>
    public async Task NumberLinksAsync(Naming naming, IReadOnlyList<Segment> segments)
    {
        foreach (var some in segments.Where(segment => !values.Knows(segment.Key, null, naming)).Chunk(SegmentsAtOnce))
        {
            var taken = reader.Taken;
            var links = await reader.ReadAsync(SegmentPart.Links, some);
            for (var i = 0; i < some.Length; i++)
            {
                var block = some[i].ToBlock();
                block.Links = [.. SegmentTexts.Read(links[i]).Select(link => link[0])];
                values.LinksOf(block);
            }

            reader.GiveBack(taken);
        }
    }

    private async Task<IEnumerable<RowBlock>> BlocksAsync(Segment[] segments, FactSet[] sets)
    {
        var blocks = Array.ConvertAll(segments, segment => segment.ToBlock());
        foreach (var set in sets)
        {
            var texts = await reader.ReadAsync(SegmentPart.Of(set), segments);
            var columns = sets.Length > 1 ? await reader.ReadAsync(set.Column, segments) : null;
            for (var i = 0; i < blocks.Length; i++)
            {
                blocks[i].Facts[set] = SegmentTexts.Read(texts[i]);
                if (columns is not null)
                {
                    blocks[i][set.Column] = columns[i];
                }
            }
        }

        return blocks.Select(OriginWithReferrer.Join);
    }
}
