using Bioscope.Engine.Auditing;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary>The texts of <see cref="AuditPage"/>.</summary>
internal sealed class AuditWords(Words words) : WordArea(words, "Audit")
{
    public string What => Text();

    public string Everything => Text();

    public string Person => Text();

    public string FromDay => Text();

    public string UntilDay => Text();

    public string Show => Text();

    public string None => Text();

    public string Note => Text();

    public string Newer => Text();

    public string Older => Text();

    public string When => Text();

    public string Who => Text();

    public string About => Text();

    public string Where => Text();

    public string CommandLine => Text();

    public string Unknown => Text();

    public string ApiKey(string name) => Fill("name", name);

    public string SignInPassword => Text();

    public string SignInPasskey => Text();

    public string SignInCode => Text();

    public string SignInRecoveryCode => Text();

    public string SignInRefused => Text();

    public string SignOut => Text();

    public string Password => Text();

    public string Email => Text();

    public string SecondFactorOn => Text();

    public string SecondFactorOff => Text();

    public string RecoveryCodes => Text();

    public string PasskeyAdded => Text();

    public string PasskeyRemoved => Text();

    public string KeyMade => Text();

    public string KeyRevoked => Text();

    public string TokenMade => Text();

    public string Export => Text();

    public string Figures => Text();

    public string Erasure => Text();

    public string Rules => Text();

    public string Invitation => Text();

    public string InvitationRevoked => Text();

    public string CreatorAdded => Text();

    public string Handle => Text();

    public string Suspended => Text();

    public string Resumed => Text();

    public string ViewShared => Text();

    public string ViewRevoked => Text();

    public string MemberInvited => Text();

    public string MemberAdded => Text();

    public string MemberChanged => Text();

    public string MemberRemoved => Text();

    public string OperatorAdded => Text();

    public string OperatorRemoved => Text();

    public string Command => Text();

    /// <summary>Who did it: by name, or by the id of who is gone.</summary>
    internal string WhoOf(NamedEvent one) => one.Actor ?? (one.Key is { } key ? ApiKey(key) : one.Event.ActorId?.ToString("D"))
        ?? (one.Event.Origin.StartsWith(AuditEvent.CommandLine, StringComparison.Ordinal) ? CommandLine : Unknown);

    /// <summary>Whom it is about, if that is somebody else.</summary>
    internal static string? UserOf(NamedEvent one) =>
        one.Event.UserId is { } user && user != one.Event.ActorId ? one.User ?? user.ToString("D") : null;

    /// <summary>Which page it is about.</summary>
    internal static string? PageOf(NamedEvent one) => one.Handle is { } handle ? "@" + handle : one.Event.BioPageId?.ToString("D");

    /// <summary>What a kind is called.</summary>
    internal string Of(string kind) => kind switch
    {
        AuditKind.SignInPassword => SignInPassword,
        AuditKind.SignInPasskey => SignInPasskey,
        AuditKind.SignInCode => SignInCode,
        AuditKind.SignInRecoveryCode => SignInRecoveryCode,
        AuditKind.SignInRefused => SignInRefused,
        AuditKind.SignOut => SignOut,
        AuditKind.Password => Password,
        AuditKind.Email => Email,
        AuditKind.SecondFactorOn => SecondFactorOn,
        AuditKind.SecondFactorOff => SecondFactorOff,
        AuditKind.RecoveryCodes => RecoveryCodes,
        AuditKind.PasskeyAdded => PasskeyAdded,
        AuditKind.PasskeyRemoved => PasskeyRemoved,
        AuditKind.KeyMade => KeyMade,
        AuditKind.KeyRevoked => KeyRevoked,
        AuditKind.TokenMade => TokenMade,
        AuditKind.Export => Export,
        AuditKind.Figures => Figures,
        AuditKind.Erasure => Erasure,
        AuditKind.Rules => Rules,
        AuditKind.Invitation => Invitation,
        AuditKind.InvitationRevoked => InvitationRevoked,
        AuditKind.CreatorAdded => CreatorAdded,
        AuditKind.Handle => Handle,
        AuditKind.Suspended => Suspended,
        AuditKind.Resumed => Resumed,
        AuditKind.ViewShared => ViewShared,
        AuditKind.ViewRevoked => ViewRevoked,
        AuditKind.MemberInvited => MemberInvited,
        AuditKind.MemberAdded => MemberAdded,
        AuditKind.MemberChanged => MemberChanged,
        AuditKind.MemberRemoved => MemberRemoved,
        AuditKind.OperatorAdded => OperatorAdded,
        AuditKind.OperatorRemoved => OperatorRemoved,
        AuditKind.Command => Command,
        _ => kind,
    };
}
