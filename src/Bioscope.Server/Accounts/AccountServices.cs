using Bioscope.Server.Configuration;
using Bioscope.Server.Mail;
using Bioscope.Server.Web;

namespace Bioscope.Server.Accounts;

/// <summary>The account routes and their services.</summary>
internal static class AccountServices
{
    public static void AddAccounts(this IServiceCollection services)
    {
        services.AddSingleton<AccountMetrics>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<LoginAttempts>();
        services.AddSingleton<DeviceCookie>();
        services.AddSingleton<RefreshFamilies>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<PasswordLogin>();
        services.AddSingleton<RefreshEndpoint>();
        services.AddSingleton<MailedLinks>();
        services.AddSingleton<PasswordReset>();
        services.AddSingleton<EmailAddress>();
        services.AddSingleton<ILetterKind>(provider => provider.GetRequiredService<PasswordReset>());
        services.AddSingleton<ILetterKind>(provider => provider.GetRequiredService<EmailAddress>());
        services.AddSingleton<ILetterKind, MovedLetter>();
        services.AddSingleton<SignUp>();
        services.AddSingleton<OpenSignUp>();
        services.AddSingleton<ILetterKind>(provider => provider.GetRequiredService<OpenSignUp>());
        services.AddSingleton<PasskeyChallenge>();
        services.AddSingleton<Passkeys>();
    }

    public static void Map(IEndpointRouteBuilder app, Settings settings)
    {
        app.ServiceProvider.GetRequiredService<AccountMetrics>(); // exports its zeros before the first login
        var auth = app.MapGroup("/api/v1/auth");
        LoginEndpoint.Map(auth.MapGroup("").AllowOrigins(settings), settings);
        RefreshEndpoint.Map(auth, settings);
        Sessions.Map(auth, settings);
        PasswordEndpoint.Map(auth, settings);
        PasswordReset.Map(auth, settings);
        EmailAddress.Map(auth, settings);
        SignUpEndpoint.Map(auth, settings);
        OpenSignUp.Map(auth, settings);
        SecondFactorEndpoint.Map(auth, settings);
        PasskeyList.Map(auth, settings);
    }
}
