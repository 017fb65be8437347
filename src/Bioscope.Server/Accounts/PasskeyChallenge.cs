using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Bioscope.Engine.Storage;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Accounts;

/// <summary>
/// The challenges that passkeys sign. Each carries its end and our mark, so that nothing is stored when somebody asks for one; it is
/// stored when it was answered, so that an answer counts once, on any instance.
/// </summary>
internal sealed class PasskeyChallenge(MainDatabase main, Settings settings, TimeProvider clock)
{
    private const string DeleteExpiredSql = """
        -- remove used challenges
        DELETE FROM "UsedChallenge" WHERE "until" <= @now
        """;

    private const string UseSql = """
        -- use challenge
        INSERT INTO "UsedChallenge" ("hash", "until") VALUES (@hash, @until) ON CONFLICT ("hash") DO NOTHING
        """;

    private const int RandomBytes = 16;
    private const int SignedBytes = RandomBytes + 8;
    private const int Bytes = SignedBytes + HMACSHA256.HashSizeInBytes;

    // Longer than the browser waits for the user, which is five minutes at most.
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope passkey challenges");

    /// <param name="user">Who adds a passkey; null for signing in.</param>
    public byte[] New(Guid? user)
    {
        var challenge = new byte[Bytes];
        RandomNumberGenerator.Fill(challenge.AsSpan(0, RandomBytes));
        BinaryPrimitives.WriteInt64BigEndian(challenge.AsSpan(RandomBytes), (clock.GetUtcNow() + Life).ToUnixTimeMilliseconds());
        Mark(challenge.AsSpan(0, SignedBytes), user).CopyTo(challenge, SignedBytes);
        return challenge;
    }

    /// <summary>The challenge that was answered.</summary>
    /// <param name="clientData">What the browser says that was signed.</param>
    /// <param name="user">As in <see cref="New"/>.</param>
    /// <returns>Null when it is not ours, for something else, or has ended.</returns>
    public byte[]? Of(byte[] clientData, Guid? user)
    {
        using var json = JsonDocument.Parse(clientData);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("challenge", out var text) && text.ValueKind == JsonValueKind.String
            && text.GetString() is { Length: < 200 } given
            && System.Buffers.Text.Base64Url.IsValid(given)
            && System.Buffers.Text.Base64Url.DecodeFromChars(given) is { Length: Bytes } challenge
            && CryptographicOperations.FixedTimeEquals(Mark(challenge.AsSpan(0, SignedBytes), user), challenge.AsSpan(SignedBytes))
            && BinaryPrimitives.ReadInt64BigEndian(challenge.AsSpan(RandomBytes)) > clock.GetUtcNow().ToUnixTimeMilliseconds()
            ? challenge
            : null;
    }

    /// <summary>Uses a challenge whose answer was right.</summary>
    /// <returns>False when it was used before.</returns>
    public async Task<bool> UseAsync(byte[] challenge, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await main.ExecuteAsync(DeleteExpiredSql, cancellationToken, ("@now", now));
        return await main.ExecuteAsync(
            UseSql, cancellationToken, ("@hash", Convert.ToHexStringLower(SHA256.HashData(challenge))), ("@until", now + (2 * Life))) == 1;
    }

    private byte[] Mark(ReadOnlySpan<byte> signed, Guid? user) =>
        HMACSHA256.HashData(_key, (byte[])[.. signed, .. Encoding.ASCII.GetBytes(user?.ToString("D") ?? "sign in")]);
}
