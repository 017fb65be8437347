using System.Globalization;
using System.Security.Cryptography;
using OtpNet;

namespace Bioscope.Server.Accounts;

/// <summary>
/// What a user types: six digits of the app, or ten of a recovery code. Both are digits, so that one field with a phone's keypad takes
/// either. Spaces and hyphens are ignored.
/// </summary>
internal sealed record SecondFactorCode
{
    /// <summary>The length of an app's secret: that of the hash, as RFC 4226 recommends.</summary>
    public const int SecretBytes = 20;

    /// <summary>How many recovery codes a user gets.</summary>
    public const int RecoveryCodes = 10;

    private const int AppDigits = 6;
    private const int RecoveryDigits = 10;

    // RFC 6238, 5.2: one step for the time that typing takes, and one for a phone's clock.
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    private SecondFactorCode(string digits) => Digits = digits;

    public string Digits { get; }

    public bool IsRecoveryCode => Digits.Length == RecoveryDigits;

    /// <returns>Null when it is neither.</returns>
    public static SecondFactorCode? Parse(string text)
    {
        var digits = text.Replace(" ", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return digits.Length is AppDigits or RecoveryDigits && digits.All(char.IsAsciiDigit) ? new SecondFactorCode(digits) : null;
    }

    /// <summary>A new recovery code, as it is shown: <c>01234-56789</c>.</summary>
    public static string NewRecoveryCode()
    {
        var digits = RandomNumberGenerator.GetString("0123456789", RecoveryDigits);
        return digits[..5] + "-" + digits[5..];
    }

    /// <summary>The step of time in which the app shows this code: now, the one before, or the one after.</summary>
    /// <returns>Null when it is none of them.</returns>
    public int? StepOf(byte[] secret, DateTimeOffset now) =>
        !IsRecoveryCode && new Totp(secret).VerifyTotp(now.UtcDateTime, Digits, out var step, Window)
            ? int.CreateChecked(step)
            : null;

    /// <summary>The address that an app reads from a QR code.</summary>
    public static string UriOf(byte[] secret, string email, string issuer) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"otpauth://totp/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(email)}?secret={TextOf(secret)}&issuer={Uri.EscapeDataString(issuer)}");

    /// <summary>The secret as people type it into an app.</summary>
    public static string TextOf(byte[] secret) => Base32Encoding.ToString(secret);
}
