using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Bioscope.Server.Accounts;
using Bioscope.Server.Configuration;

namespace Bioscope.Server.Api.Webhooks;

/// <summary>
/// Signs what webhooks are told, as Standard Webhooks says, which receivers have libraries for. Each webhook has a secret, derived from its
/// id and the installation's, so none is stored. <see href="https://github.com/standard-webhooks/standard-webhooks"/>
/// </summary>
internal sealed class WebhookSigner(Settings settings)
{
    private readonly byte[] _key = LoginAttempts.Key(settings, "bioscope webhook secrets");

    /// <summary>The secret of a webhook, as its receiver's library expects it.</summary>
    public string SecretOf(Guid webhook) => "whsec_" + Convert.ToBase64String(KeyOf(webhook));

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    public string Sign(Guid webhook, string messageId, DateTimeOffset at, string body)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"{messageId}.{at.ToUnixTimeSeconds()}.{body}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(webhook), Encoding.UTF8.GetBytes(signed)));
    }

    private byte[] KeyOf(Guid webhook) => HMACSHA256.HashData(_key, webhook.ToByteArray(bigEndian: true));
}
