using System.Security.Cryptography;
using System.Text;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Demo;

/// <summary>
/// Lets the demo creators sign in. Their passwords are derived from the installation's secret: they are the same at every start, stored
/// nowhere, and do not work on other servers.
/// </summary>
internal sealed class DemoLogins(MainDatabase main, Settings settings)
{
    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope demo passwords");

    public static string EmailOf(DemoCreator creator) => creator.Handle + "@demo.example";

    public string PasswordOf(DemoCreator creator) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(creator.Handle)).AsSpan(0, 8));

    public bool IsPasswordOf(DemoCreator creator, string password) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(PasswordOf(creator)), Encoding.UTF8.GetBytes(password));

    /// <summary>Gives each creator an e-mail address and a password, where they are missing.</summary>
    public Task SetAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(DemoCreators.All.Select(creator => Task.Run(() => SetAsync(creator, cancellationToken), cancellationToken)));

    private async Task SetAsync(DemoCreator creator, CancellationToken cancellationToken)
    {
        var hashes = await main.QueryAsync(
            """
            -- demo password
            SELECT "passwordHash" FROM "User" WHERE "id" = @user AND "email" = @email AND "passwordHash" IS NOT NULL
            """,
            row => row.GetString(0),
            cancellationToken,
            ("@user", creator.UserId), ("@email", EmailOf(creator)));
        if (hashes is [var hash] && Passwords.IsHashOf(hash, PasswordOf(creator)))
        {
            return;
        }

        await main.ExecuteAsync(
            """
            -- set demo login
            UPDATE "User" SET "email" = @email, "passwordHash" = @hash WHERE "id" = @user
            """,
            cancellationToken,
            ("@user", creator.UserId), ("@email", EmailOf(creator)), ("@hash", Passwords.Hash(PasswordOf(creator))));
    }
}
