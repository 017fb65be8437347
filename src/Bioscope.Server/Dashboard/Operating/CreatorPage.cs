using Bioscope.Core;
using Bioscope.Engine.Auditing;
using Bioscope.Engine.Creators;
using Bioscope.Engine.Erasing;
using Bioscope.Engine.Storage;
using Bioscope.Server.Accounts;
using Bioscope.Server.Api.Data;
using Bioscope.Server.Auditing;
using Bioscope.Server.Configuration;
using Bioscope.Server.Translations;
using Bioscope.Server.Web;

namespace Bioscope.Server.Dashboard.Operating;

/// <summary>
/// <c>/operator/creators/{id}</c>: one user, whom forms suspend, let in again, and erase; the last needs the operator's own password, and a code
/// where she has a second factor.
/// </summary>
internal static class CreatorPage
{
    private static ApiError NotYourself { get; } = ApiError.Conflict("operators neither suspend nor delete themselves here");

    public static async Task ShowAsync(HttpContext http)
    {
        if (await OperatorRoutes.OperatorAsync(http) is not null && await FindAsync(http) is { } creator)
        {
            var texts = new OperatorWords(Words.Of(http));
            await WriteAsync(http, creator, OperatorFrame.Said(http.Request.Query["done"].ToString() switch
            {
                "suspend" => texts.IsSuspendedNow,
                "resume" => texts.IsResumedNow,
                _ => null,
            }));
        }
    }

    public static async Task ChangeAsync(HttpContext http)
    {
        if (await OperatorRoutes.FormAsync(http) is not var (user, form) || await FindAsync(http) is not { } creator)
        {
            return;
        }

        var action = form["do"].ToString();
        var refusal = (ApiError?)NotYourself;
        if (creator.UserId != user)
        {
            if (action == "delete" && !await OperatorRoutes.TakeAsync(http, LoginEndpoint.Limit(http.RequestServices.GetRequiredService<Settings>())))
            {
                return;
            }

            refusal = action == "delete" ? await EraseAsync(http, user, creator, form) : await SuspendAsync(http, creator, action == "suspend");
        }

        if (refusal is null)
        {
            SignInPage.GoTo(http, action == "delete" ? OperatorFrame.Creators + "?deleted=1" : $"{OperatorFrame.Creators}/{creator.UserId:D}?done={(action == "suspend" ? action : "resume")}");
            return;
        }

        http.Response.StatusCode = refusal.Status;
        await WriteAsync(http, creator, OperatorFrame.Problem(Words.Of(http), refusal));
    }

    private static async Task<ApiError?> SuspendAsync(HttpContext http, ListedCreator creator, bool isToBe)
    {
        var services = http.RequestServices;
        var main = services.GetRequiredService<MainDatabase>();
        // What is so already is as good.
        var isNew = isToBe
            ? await Suspension.BeginAsync(main, creator.UserId, services.GetRequiredService<TimeProvider>().GetUtcNow(), http.RequestAborted)
            : await Suspension.EndAsync(main, creator.UserId, http.RequestAborted);
        services.GetRequiredService<SuspendedCreators>().Forget();
        if (isNew)
        {
            await Audit.WriteAsync(http, isToBe ? AuditKind.Suspended : AuditKind.Resumed, creator.UserId, creator.BioPageId);
        }

        return null;
    }

    private static async Task<ApiError?> EraseAsync(HttpContext http, Guid user, ListedCreator creator, IFormCollection form)
    {
        if (await SecondFactorEndpoint.ConfirmAsync(http, user, form["password"].ToString(), form["code"].ToString()) is { } refusal)
        {
            return refusal;
        }

        await Audit.WriteAsync(http, AuditKind.Erasure, creator.UserId);
        await http.RequestServices.GetRequiredService<ErasureService>().EraseAsync(creator.UserId, ErasureOrigin.Operator);
        return null;
    }

    /// <returns>Null when a response was already sent: there is no such user.</returns>
    private static async Task<ListedCreator?> FindAsync(HttpContext http)
    {
        var creator = Uuid.TryParse((string?)http.Request.RouteValues["id"], out var id)
            ? await CreatorList.FindAsync(http.RequestServices.GetRequiredService<MainDatabase>(), id.ToString("D"), http.RequestAborted)
            : null;
        if (creator is null)
        {
            await Errors.WriteAsync(http, ApiError.ForStatus(StatusCodes.Status404NotFound));
        }

        return creator;
    }

    private static async Task WriteAsync(HttpContext http, ListedCreator creator, Html said)
    {
        var words = Words.Of(http);
        var (texts, user) = (new OperatorWords(words), Sessions.UserOf(http)!.Value);
        var needsCode = (await http.RequestServices.GetRequiredService<SecondFactor>().StateAsync(user, http.RequestAborted)).Enabled;
        (string Name, string Value)[] facts =
        [
            (texts.Email, creator.Email ?? "–"), (texts.Since, OperatorFrame.At(words, creator.CreatedAt)),
            (texts.Status, CreatorsPage.StateOf(words, creator)), (texts.UserId, creator.UserId.ToString("D")),
            (texts.PageId, creator.BioPageId?.ToString("D") ?? "–"),
        ];
        await OperatorFrame.WriteAsync(http, "", CreatorsPage.NameOf(creator), Html.Of($"""
            {said}
            <p class="back"><a href="{OperatorFrame.Creators}">{texts.Creators}</a> <a href="{OperatorFrame.Audit}?person={creator.UserId}">{texts.Audit}</a>{(creator.Handle is { } handle ? Html.Of($""" <a href="/@{handle}">/@{handle}</a>""") : Html.Nothing)}</p>
            <div class="uncounted"><dl>{facts.Select(fact => Html.Of($"""<div><dt>{fact.Name}</dt><dd><bdi>{fact.Value}</bdi></dd></div>"""))}</dl></div>
            {(creator.UserId == user ? Html.Nothing : Forms(http, creator, words, needsCode))}
            """));
    }

    private static Html Forms(HttpContext http, ListedCreator creator, Words words, bool needsCode)
    {
        var (texts, own, action) = (new OperatorWords(words), new OwnDataWords(words), $"{OperatorFrame.Creators}/{creator.UserId:D}");
        var (name, text, note) = creator.SuspendedAt is null
            ? ("suspend", texts.Suspend, texts.SuspendNote)
            : ("resume", texts.Resume, texts.ResumeNote);
        return Html.Of($"""
            <section class="block" aria-labelledby="suspend-title"><header><h2 id="suspend-title">{text}</h2></header>
            <div class="zone"><p class="note">{note}</p><form method="post" action="{action}">{OperatorFrame.FieldFor(http)}<button name="do" value="{name}">{text}</button></form></div></section>
            <section class="block" aria-labelledby="delete-title"><header><h2 id="delete-title">{texts.Delete}</h2></header>
            <details class="zone"><summary>{texts.Delete}</summary><form class="whole" method="post" action="{action}">{OperatorFrame.FieldFor(http)}
            <p class="note">{texts.DeleteNote}</p>
            <label class="check"><input type="checkbox" required> {own.Understood}</label><label>{texts.YourPassword} <input name="password" type="password" autocomplete="current-password" required maxlength="{Passwords.MaxChars}"></label>{(needsCode ? SecondFactorPage.Code(new SecondFactorWords(words).CodeOfApp) : Html.Nothing)}<button name="do" value="delete">{own.DeleteNow}</button></form></details></section>
            """);
    }
}
