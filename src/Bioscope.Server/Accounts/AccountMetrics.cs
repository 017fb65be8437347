using System.Diagnostics.Metrics;
using Bioscope.Engine;

namespace Bioscope.Server.Accounts;

/// <summary>The result of a login or a refresh.</summary>
internal enum SignInResult
{
    Ok,

    /// <summary>Wrong or expired credentials: e-mail, password or refresh token.</summary>
    Refused,

    /// <summary>The account was locked after too many attempts.</summary>
    Locked,

    /// <summary>The password was right, and a code of the second factor is needed.</summary>
    CodeMissing,

    /// <summary>The password was right, and the code of the second factor wrong or used before.</summary>
    CodeWrong,

    /// <summary>A refresh token was used twice.</summary>
    Reused,

    /// <summary>Too many simultaneous logins.</summary>
    Overload,
}

/// <summary>Counts logins and refreshes by result, and computed password hashes. Every result is exported from the start, with 0.</summary>
internal sealed class AccountMetrics
{
    private readonly long[] _logins = new long[Enum.GetValues<SignInResult>().Length];
    private readonly long[] _refreshes = new long[Enum.GetValues<SignInResult>().Length];
    private long _verifications;

    public AccountMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Bioscope.Accounts");
        meter.CreateObservableCounter(
            "bioscope.accounts.logins", () => EnumMeasurements.Of<SignInResult>(_logins, "result"), description: "Logins by result");
        meter.CreateObservableCounter(
            "bioscope.accounts.refreshes",
            () => EnumMeasurements.Of<SignInResult>(_refreshes, "result"),
            description: "Refreshed logins by result");
        meter.CreateObservableCounter(
            "bioscope.accounts.verifications", () => Interlocked.Read(ref _verifications), description: "Password hashes computed");
    }

    public void Login(SignInResult result) => Interlocked.Increment(ref _logins[(int)result]);

    public void Refresh(SignInResult result) => Interlocked.Increment(ref _refreshes[(int)result]);

    public void Verification() => Interlocked.Increment(ref _verifications);
}
