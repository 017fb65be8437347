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

    public string Export => Text();

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
        AuditKind.Export => Export,
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
