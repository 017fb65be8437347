using System.Data.Common;
using Bioscope.Engine.Counting;
using Bioscope.Engine.Sealing;
using Bioscope.Engine.Segments;
using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Checking;

/// <summary>Compares a page's segments with new ones built from its raw rows; the same rows always give the same bytes.</summary>
internal static class SegmentVerifier
{
    /// <returns>A description of the first difference; null when there is none.</returns>
    public static async Task<string?> FindDifferenceAsync(
        SqlDialect dialect, DbTransaction snapshot, PageState state, CancellationToken cancellationToken)
    {
        var segments = await Segment.ReadAsync(dialect, snapshot, state.BioPageId, cancellationToken);
        if ((segments is [.., var last] ? last.Until : null as DateTimeOffset?) != state.SegmentedUntil)
        {
            return "the last segment does not end at the page's segment watermark";
        }

        var reader = new SegmentReader(dialect, snapshot, cache: null, _ => { }, cancellationToken);
        foreach (var kept in segments)
        {
            var from = kept.Number == 0 ? DateTimeOffset.MinValue : kept.From;
            var made = await SegmentStep.ReadAsync(dialect, snapshot, state, segments[..kept.Number], from, kept.Until, cancellationToken);
            if (made.Segment with { Version = kept.Version } != kept)
            {
                return $"segment {kept.Number}: kept {kept}, counted {made.Segment}";
            }

            foreach (var column in made.Columns)
            {
                if (!(await reader.ReadAsync(column.Part, [kept]))[0].AsSpan().SequenceEqual(column.Bytes))
                {
                    return $"segment {kept.Number}, {column.Part}: the stored data differs from the raw rows";
                }
            }
        }

        return null;
    }
}
