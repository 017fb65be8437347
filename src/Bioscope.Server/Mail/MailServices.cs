using Bioscope.Server.Configuration;

namespace Bioscope.Server.Mail;

/// <summary>What sends mail. Without a mail server nothing is started, and nobody may write mails.</summary>
internal static class MailServices
{
    public static void AddMail(this IServiceCollection services, Settings settings)
    {
        services.AddSingleton<Outbox>();
        services.AddSingleton<Mailer>();
        if (settings.Mail is not null)
        {
            services.AddHostedService<MailService>();
        }
    }
}
