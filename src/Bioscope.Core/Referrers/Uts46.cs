using System.Runtime.InteropServices;
using System.Text;

namespace Bioscope.Core;

/// <summary>
/// UTS #46 ToASCII with the URL standard's parameters: CheckHyphens=false, CheckBidi=true, CheckJoiners=true, UseSTD3ASCIIRules=false,
/// Transitional_Processing=false, VerifyDnsLength=false, IgnoreInvalidPunycode=false.
/// </summary>
internal static class Uts46
{
    private const int ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D;

    /// <param name="domain">A domain with non-ASCII characters; a lone surrogate counts as U+FFFD, which is disallowed.</param>
    /// <returns>The domain, without forbidden domain code points; empty on failure.</returns>
    public static ReadOnlySpan<char> ToAscii(ReadOnlySpan<char> domain)
    {
        ReadOnlyMemory<int> normalized = Nfc.Normalize(Map(domain));
        var labels = new List<ReadOnlyMemory<int>>();
        var isBidi = false;
        for (var isLast = false; !isLast;)
        {
            var dot = normalized.Span.IndexOf('.');
            isLast = dot < 0;
            var label = isLast ? normalized : normalized[..dot];
            if (!TryConvert(ref label))
            {
                return default;
            }

            labels.Add(label);
            isBidi = isBidi || HasRightToLeft(label.Span);
            normalized = isLast ? default : normalized[(dot + 1)..];
        }

        var ascii = new StringBuilder(domain.Length * 2);
        foreach (var label in labels)
        {
            // Last, because a single right-to-left label makes the Bidi rule apply to all labels.
            if (isBidi && !SatisfiesBidiRule(label.Span))
            {
                return default;
            }

            AppendAscii(label.Span, ascii);
            ascii.Append('.');
        }

        return ascii.ToString(0, ascii.Length - 1);
    }

    /// <summary>Step 1. Disallowed code points stay; validating the labels finds them.</summary>
    private static Span<int> Map(ReadOnlySpan<char> domain)
    {
        var mapped = new List<int>(domain.Length);
        foreach (var rune in domain.EnumerateRunes())
        {
            var status = IdnaTable.Properties(rune.Value).Status;
            if (status == IdnaStatus.Mapped)
            {
                foreach (var replacement in IdnaTable.Mapping(rune.Value).EnumerateRunes())
                {
                    mapped.Add(replacement.Value);
                }
            }
            else if (status != IdnaStatus.Ignored)
            {
                mapped.Add(rune.Value);
            }
        }

        return CollectionsMarshal.AsSpan(mapped);
    }

    /// <summary>Step 4: decodes a label to Unicode; false when it is invalid.</summary>
    private static bool TryConvert(ref ReadOnlyMemory<int> label)
    {
        if (!label.Span.StartsWith(AcePrefix))
        {
            return IsValid(label.Span);
        }

        if (!IsAscii(label.Span) || Punycode.Decode(label.Span[AcePrefix.Length..]) is not { } decoded)
        {
            return false;
        }

        label = decoded;
        // The label must be what an encoder would start from: non-ASCII, encoded only once, normalized.
        return !IsAscii(decoded) && !label.Span.StartsWith(AcePrefix) && IsValid(decoded)
            && Nfc.Normalize(decoded).AsSpan().SequenceEqual(decoded);
    }

    private static ReadOnlySpan<int> AcePrefix => ['x', 'n', '-', '-'];

    private static bool IsAscii(ReadOnlySpan<int> label) => !label.ContainsAnyExceptInRange(0, 0x7F);

    /// <summary>The validity criteria other than those about encoding.</summary>
    private static bool IsValid(ReadOnlySpan<int> label)
    {
        if (!label.IsEmpty && IdnaTable.Properties(label[0]).IsMark)
        {
            return false;
        }

        for (var i = 0; i < label.Length; i++)
        {
            var codePoint = label[i];
            if (IdnaTable.Properties(codePoint).Status != IdnaStatus.Valid
                // A rule of the URL standard, not of UTS #46. Checked here to avoid encoding what will fail.
                || (codePoint < 0x80 && HostParser.ForbiddenInDomain.Contains((char)codePoint))
                || (codePoint is ZeroWidthNonJoiner or ZeroWidthJoiner && !IsJoinerAllowed(label, i)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>ContextJ, RFC 5892 appendix A.1 and A.2.</summary>
    private static bool IsJoinerAllowed(ReadOnlySpan<int> label, int i)
    {
        if (i > 0 && IdnaTable.Properties(label[i - 1]).CombiningOrder == IdnaTable.ViramaOrder)
        {
            return true;
        }

        // The joiners themselves are not transparent, so that no code point is visited for more than two of them.
        return label[i] == ZeroWidthNonJoiner
            && NextJoining(label, i, -1) is JoiningGroup.Left or JoiningGroup.Dual
            && NextJoining(label, i, 1) is JoiningGroup.Right or JoiningGroup.Dual;
    }

    private static JoiningGroup NextJoining(ReadOnlySpan<int> label, int i, int step)
    {
        for (i += step; i >= 0 && i < label.Length; i += step)
        {
            if (IdnaTable.Properties(label[i]).Joining is not JoiningGroup.Transparent and var joining)
            {
                return joining;
            }
        }

        return JoiningGroup.None;
    }

    private static bool HasRightToLeft(ReadOnlySpan<int> label)
    {
        foreach (var codePoint in label)
        {
            if (IdnaTable.Properties(codePoint).Bidi is BidiGroup.Right or BidiGroup.ArabicNumber)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>RFC 5893, section 2.</summary>
    private static bool SatisfiesBidiRule(ReadOnlySpan<int> label)
    {
        if (label.IsEmpty)
        {
            return true;
        }

        var first = IdnaTable.Properties(label[0]).Bidi;
        var last = first;
        var isRightToLeft = first == BidiGroup.Right;
        bool hasArabic = false, hasEuropean = false;
        foreach (var codePoint in label)
        {
            var group = IdnaTable.Properties(codePoint).Bidi;
            var isAllowed = group switch
            {
                BidiGroup.Left => !isRightToLeft,
                BidiGroup.Right or BidiGroup.ArabicNumber => isRightToLeft,
                _ => group != BidiGroup.Other,
            };
            if (!isAllowed)
            {
                return false;
            }

            hasArabic |= group == BidiGroup.ArabicNumber;
            hasEuropean |= group == BidiGroup.EuropeanNumber;
            last = group == BidiGroup.NonspacingMark ? last : group;
        }

        return first is BidiGroup.Left or BidiGroup.Right
            && last is BidiGroup.Left or BidiGroup.Right or BidiGroup.ArabicNumber or BidiGroup.EuropeanNumber
            && !(isRightToLeft && hasArabic && hasEuropean);
    }

    private static void AppendAscii(ReadOnlySpan<int> label, StringBuilder ascii)
    {
        if (!IsAscii(label))
        {
            ascii.Append("xn--");
            Punycode.Encode(label, ascii);
            return;
        }

        foreach (var codePoint in label)
        {
            ascii.Append((char)codePoint);
        }
    }
}
