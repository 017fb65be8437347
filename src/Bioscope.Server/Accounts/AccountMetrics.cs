using System.Diagnostics.Metrics;

namespace Bioscope.Server.Accounts;

/// <summary>How a login or a refresh ended.</summary>
internal enum SignInResult
{
    Ok,

    /// <summary>Wrong e-mail, password or refresh token, or one that has expired.</summary>
    Refused,

    /// <summary>Too many attempts on the account before this one.</summary>
    Locked,

    /// <summary>A refresh token came twice.</summary>
    Reused,

    /// <summary>More logins at once than there is time for.</summary>
    Overload,
}

/// <summary>Counts logins and refreshes by their result, and the password hashes that were worked out.</summary>
internal sealed class AccountMetrics
{
    public const string MeterName = "Bioscope.Accounts";

    private readonly Counter<long> _logins;
    private readonly Counter<long> _refreshes;
    private readonly Counter<long> _verifications;

    public AccountMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _logins = meter.CreateCounter<long>("bioscope.accounts.logins");
        _refreshes = meter.CreateCounter<long>("bioscope.accounts.refreshes");
        _verifications = meter.CreateCounter<long>("bioscope.accounts.verifications");
    }

    public void Login(SignInResult result) => _logins.Add(1, Tag(result));

    public void Refresh(SignInResult result) => _refreshes.Add(1, Tag(result));

    public void Verification() => _verifications.Add(1);

    private static KeyValuePair<string, object?> Tag(SignInResult result) => new("result", result.ToString().ToLowerInvariant());
}
