using System.Buffers.Binary;
using System.Security.Cryptography;
using Bioscope.Engine.Creators;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Bioscope.Server.Accounts;

/// <summary>
/// Hashes and verifies passwords. Both are slow on purpose, so only a few run at once: the same processors store visits and answer
/// reports.
/// </summary>
internal sealed class Passwords(AccountMetrics metrics) : IDisposable
{
    /// <summary>NIST SP 800-63B: at least 8 characters, with no rules about which.</summary>
    public const int MinChars = 8;

    public const int MaxChars = 1_000;

    // OWASP's recommendation for PBKDF2 with HMAC-SHA-512, the framework's third format. About 0.1 s.
    private const int Iterations = 210_000;

    // About two seconds of waiting; further callers get 503.
    private const int MaxWaiting = 32;

    private static readonly PasswordHasher<string> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private static readonly string NobodysHash = MakeNobodysHash();

    /// <summary>The rules, for code that adds users but does not depend on logins.</summary>
    public static PasswordRule Rule { get; } = new(MaxChars, Problem, Hash);

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <summary>Why a text cannot be a new password, as the end of a sentence that begins with "the password", or null.</summary>
    public static string? Problem(string password) =>
        password.Length > MaxChars ? $"must have at most {MaxChars} characters" :
        password.Contains('\0', StringComparison.Ordinal) ? "must not contain the character U+0000" :
        CommonPasswords.Contains(password) ? "is too common and easy to guess; choose another" :
        null;

    public static string Hash(string password) => Hasher.HashPassword("", password);

    public static bool IsHashOf(string hash, string password) =>
        Hasher.VerifyHashedPassword("", hash, password) == PasswordVerificationResult.Success;

    /// <summary>Waits for a slot to verify in, to be released by <see cref="Leave"/>.</summary>
    /// <returns>False when too many callers are waiting already.</returns>
    public async Task<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        try
        {
            await _places.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Leave() => _places.Release();

    /// <summary>
    /// Whether the password matches the hash, and whether the hash is weaker than new ones. It takes the same time with or without a
    /// hash, and for any kind of hash, so that the duration of a refusal does not reveal whether an account exists.
    /// </summary>
    public (bool IsRight, bool IsWeak) Verify(string? hash, string password)
    {
        metrics.Verification();
        var iterations = IterationsOf(hash);
        var result = Hasher.VerifyHashedPassword("", iterations is null ? NobodysHash : hash!, password);
        if (result == PasswordVerificationResult.Failed && iterations < Iterations)
        {
            Rfc2898DeriveBytes.Pbkdf2(password, new byte[16], Iterations - iterations.Value, HashAlgorithmName.SHA512, 32);
        }

        return (result != PasswordVerificationResult.Failed, result == PasswordVerificationResult.SuccessRehashNeeded);
    }

    public void Dispose() => _places.Dispose();

    // A marker, then the function, the iterations and the length of the salt, each 32 bits, then the salt and the hash.
    private static int? IterationsOf(string? hash)
    {
        var bytes = new byte[128];
        return hash is not null && Convert.TryFromBase64String(hash, bytes, out var length) && length > 13 && bytes[0] == 1
            ? BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5))
            : null;
    }

    private static string MakeNobodysHash()
    {
        var bytes = RandomNumberGenerator.GetBytes(13 + 16 + 32);
        bytes[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), 2); // HMAC-SHA-512
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Iterations);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(9), 16);
        return Convert.ToBase64String(bytes);
    }
}
