using System.Collections.Frozen;

namespace Bioscope.Core;

/// <summary>
/// Domains that send visits with a false referrer so that whoever reads the statistics opens them. The list is <c>spam.txt</c>; domains are
/// compared label by label.
/// </summary>
public static class ReferrerSpam
{
    private static readonly FrozenSet<string> Domains =
        EmbeddedText.Lines(typeof(ReferrerSpam).Assembly, "spam.txt").ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The domains, in no order.</summary>
    public static IReadOnlyCollection<string> All => Domains;

    /// <summary>Whether the domain, or one above it, is in the list.</summary>
    public static bool Has(string? domain)
    {
        var domains = Domains.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = domain.AsSpan().TrimEnd('.');
        while (!rest.IsEmpty)
        {
            if (domains.Contains(rest))
            {
                return true;
            }

            var dot = rest.IndexOf('.');
            rest = dot < 0 ? [] : rest[(dot + 1)..];
        }

        return false;
    }
}
