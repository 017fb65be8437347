using Bioscope.Engine.Storage;

namespace Bioscope.Engine.Auditing;

/// <summary>Something that somebody did. It holds ids and no names: those are looked up while their users exist.</summary>
/// <param name="Kind">What was done, of <see cref="AuditKind"/>.</param>
/// <param name="Origin">The route, such as <c>/dashboard/account/password</c>, or the command, such as <c>bioscope creator add</c>.</param>
internal sealed record AuditEvent(string Kind, string Origin)
{
    /// <summary>How the origin of a command begins.</summary>
    public const string CommandLine = "bioscope ";

    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The user or the API key that did it; null for the command line, and for whoever failed to sign in.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>Whose account it is about.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Which page it is about.</summary>
    public Guid? BioPageId { get; init; }

    /// <summary>The provider's network that the request came from; no address.</summary>
    public string? Network { get; init; }

    /// <summary>The country of that address.</summary>
    public string? Country { get; init; }

    /// <summary>The id of what was changed.</summary>
    public string? Subject { get; init; }

    /// <summary>How often it happened in its hour, where that is counted in one row.</summary>
    public int Count { get; init; } = 1;

    public static Table<AuditEvent> Table { get; } = new(
        "AuditEvent",
        new("id", ColumnType.Uuid, row => row.Id),
        new("at", ColumnType.Instant, row => row.At),
        new("kind", ColumnType.Text, row => row.Kind),
        new("actorId", ColumnType.Uuid, row => row.ActorId),
        new("userId", ColumnType.Uuid, row => row.UserId),
        new("bioPageId", ColumnType.Uuid, row => row.BioPageId),
        new("origin", ColumnType.Text, row => row.Origin),
        new("network", ColumnType.Text, row => row.Network),
        new("country", ColumnType.Text, row => row.Country),
        new("subject", ColumnType.Text, row => row.Subject),
        new("count", ColumnType.Integer, row => row.Count));
}

/// <summary>The kinds of <see cref="AuditEvent"/>, as they are stored.</summary>
internal static class AuditKind
{
    public const string
        SignInPassword = "sign-in-password", SignInPasskey = "sign-in-passkey", SignInCode = "sign-in-code",
        SignInRecoveryCode = "sign-in-recovery-code", SignInRefused = "sign-in-refused", SignOut = "sign-out",
        Password = "password", Email = "email", SecondFactorOn = "second-factor-on", SecondFactorOff = "second-factor-off",
        RecoveryCodes = "recovery-codes", PasskeyAdded = "passkey-added", PasskeyRemoved = "passkey-removed",
        KeyMade = "key-made", KeyRevoked = "key-revoked", TokenMade = "token-made", Export = "export", Figures = "figures",
        Erasure = "erasure", Rules = "rules",
        Invitation = "invitation", InvitationRevoked = "invitation-revoked", CreatorAdded = "creator-added", Handle = "handle",
        Suspended = "suspended", Resumed = "resumed", ViewShared = "view-shared", ViewRevoked = "view-revoked",
        MemberInvited = "member-invited", MemberAdded = "member-added", MemberChanged = "member-changed", MemberRemoved = "member-removed",
        OperatorAdded = "operator-added", OperatorRemoved = "operator-removed", Command = "command";

    public static IReadOnlyList<string> All { get; } =
    [
        SignInPassword, SignInPasskey, SignInCode, SignInRecoveryCode, SignInRefused, SignOut, Password, Email, SecondFactorOn,
        SecondFactorOff, RecoveryCodes, PasskeyAdded, PasskeyRemoved, KeyMade, KeyRevoked, TokenMade, Export, Figures, Erasure, Rules,
        Invitation, InvitationRevoked, CreatorAdded, Handle, Suspended, Resumed, ViewShared, ViewRevoked, MemberInvited, MemberAdded, MemberChanged,
        MemberRemoved, OperatorAdded, OperatorRemoved, Command,
    ];
}
