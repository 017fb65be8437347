using System.Security.Cryptography;
using System.Text;

namespace Bioscope.Core;

/// <summary>Reads UUIDs from untrusted input.</summary>
public static class Uuid
{
    /// <summary>
    /// Accepts only the spelling of RFC 9562, <c>01234567-89ab-cdef-0123-456789abcdef</c>, in either case. Braces, missing hyphens, white
    /// space and the other forms that <see cref="Guid.TryParse(string?, out Guid)"/> accepts are refused: each id has one text.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Guid id)
    {
        id = Guid.Empty;
        if (text.Length != 36)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        return Guid.TryParseExact(text, "D", out id);
    }

    /// <summary>An id derived from a name: a version 8 UUID (RFC 9562, section 5.8) made from the name's SHA-256.</summary>
    public static Guid Named(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
