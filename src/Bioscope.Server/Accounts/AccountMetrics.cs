using System.Diagnostics.Metrics;
using Bioscope.Engine;

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

/// <summary>Counts logins and refreshes by their result, and the password hashes that were worked out. Every result is there from the start, with 0.</summary>
internal sealed class AccountMetrics
{
    private readonly long[] _logins = new long[Enum.GetValues<SignInResult>().Length];
    private readonly long[] _refreshes = new long[Enum.GetValues<SignInResult>().Length];
    private long _verifications;

    public AccountMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Bioscope.Accounts");
        meter.CreateObservableCounter("bioscope.accounts.logins", () => EnumMeasurements.Of<SignInResult>(_logins, "result"), description: "Logins by result");
        meter.CreateObservableCounter("bioscope.accounts.refreshes", () => EnumMeasurements.Of<SignInResult>(_refreshes, "result"), description: "Refreshed logins by result");
        meter.CreateObservableCounter(
            "bioscope.accounts.verifications", () => Interlocked.Read(ref _verifications), description: "Password hashes worked out");
    }

    public void Login(SignInResult result) => Interlocked.Increment(ref _logins[(int)result]);

    public void Refresh(SignInResult result) => Interlocked.Increment(ref _refreshes[(int)result]);

    public void Verification() => Interlocked.Increment(ref _verifications);
}
