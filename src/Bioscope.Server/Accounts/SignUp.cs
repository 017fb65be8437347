using System.Data.Common;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Storage;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>What a new creator chooses.</summary>
/// <param name="Email">Normalized; empty where the invitation names it.</param>
/// <param name="Password">Allowed by <see cref="Passwords"/>.</param>
/// <param name="Handle">Normalized and valid.</param>
/// <param name="Title">The name that her page shows.</param>
internal sealed record NewAccount(string Email, string Password, string Handle, string? Title);

/// <summary>
/// Opens accounts by invitation: user, profile and page, and a first session. An unknown, used, revoked or expired invitation gets the
/// same answer, before anything is said about e-mail addresses and handles.
/// </summary>
internal sealed class SignUp(
    MainDatabase main, Settings settings, Passwords passwords, RefreshFamilies families, EmailAddress emails, Mailer mailer, TimeProvider clock)
{
    public static ApiError NoInvitation { get; } = new(
        404, "INVITATION_NOT_FOUND", "auth.sign_up.invitation_not_found", "The invitation is unknown, used or expired.");

    /// <returns>The invitation, if accounts are opened by invitation and this one works.</returns>
    public async Task<Invitation?> InvitationOfAsync(string token, CancellationToken cancellationToken) =>
        settings.SignUpByInvitation ? await Invitations.FindAsync(main, token, clock.GetUtcNow(), cancellationToken) : null;

    /// <summary>Adds the account and signs in.</summary>
    /// <returns>The user and the first token of her session; or why there is no account.</returns>
    public async Task<(Guid User, RefreshToken? Token, ApiError? Refusal)> AddAsync(HttpContext http, string token, NewAccount account)
    {
        if (await InvitationOfAsync(token, http.RequestAborted) is not { } invitation)
        {
            return (default, null, NoInvitation);
        }

        var email = account.Email.Length == 0 ? invitation.Email ?? "" : account.Email;
        if (ProblemOf(email, invitation) is { } problem)
        {
            return (default, null, ApiError.Invalid(problem));
        }

        // Hashing is slow, so it runs before anything is locked, and in turn with logins.
        if (!await passwords.TryEnterAsync(http.RequestAborted))
        {
            return (default, null, ApiError.Unavailable);
        }

        string hash;
        try
        {
            hash = Passwords.Hash(account.Password);
        }
        finally
        {
            passwords.Leave();
        }

        var user = Guid.CreateVersion7(clock.GetUtcNow());
        var creator = new NewCreator(user)
        {
            Email = email,
            // The operator vouches for an address in an invitation, but not for one that was typed.
            IsEmailUnconfirmed = invitation.Email is null,
            HashPassword = () => hash,
            Handle = account.Handle,
            Title = account.Title,
        };
        if (await StoreAsync(invitation, creator, http.RequestAborted) is { } refusal)
        {
            return (default, null, refusal);
        }

        await Audit.WriteAsync(http, AuditKind.CreatorAdded, user, subject: invitation.Id.ToString("D"));
        if (creator.IsEmailUnconfirmed && mailer.IsSet)
        {
            await emails.AskAsync(user, email, Words.Of(http), http.RequestAborted);
        }

        var session = await families.StartAsync(user, hash, passedSecondFactor: false, Session.ClientOf(http), http.RequestAborted);
        return session is null ? (default, null, ApiError.Unauthorized) : (user, session, null);
    }

    private async Task<ApiError?> StoreAsync(Invitation invitation, NewCreator creator, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var connection = await main.OpenAsync(cancellationToken);
        // Exclusive, because it gives a handle: see OldHandles.
        await using var transaction = await main.Dialect.BeginExclusiveAsync(connection, cancellationToken);
        if (!await Invitations.UseAsync(main.Dialect, transaction, invitation.Id, now, cancellationToken))
        {
            return NoInvitation;
        }

        try
        {
            await CreatorStore.AddAsync(main.Dialect, transaction, creator, now, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return null;
        }
        catch (CreatorConflictException e)
        {
            return ApiError.Conflict(e.Message); // the invitation is not used
        }
        catch (DbException e) when (main.Dialect.IsTaken(e))
        {
            return ApiError.Conflict("the handle or the e-mail is taken");
        }
    }

    private static string? ProblemOf(string email, Invitation invitation) =>
        email.Length == 0 ? "email is required"
        : !CreatorStore.IsEmail(email) ? "email is not an e-mail address"
        : invitation.Email is { } invited && invited != email ? $"email must be {invited}, to which the invitation was given"
        : null;
}
