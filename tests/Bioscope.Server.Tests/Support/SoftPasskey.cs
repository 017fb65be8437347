using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Bioscope.Server.Tests.Support;

/// <summary>A device with one passkey (WebAuthn, ES256), which answers as tests want, also as attackers do.</summary>
internal sealed class SoftPasskey : IDisposable
{
    private const byte UserPresent = 1;
    private const byte UserVerified = 4;
    private const byte WithKey = 64;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);

    /// <summary>How the device names the passkey.</summary>
    public string Id => Base64Url.EncodeToString(_id);

    public byte[] UserHandle { get; set; } = [];

    public string Origin { get; set; } = "https://links.example";

    public string SiteId { get; set; } = "links.example";

    public bool VerifiesUser { get; set; } = true;

    public uint Count { get; set; }

    /// <summary>The answer to the options of a creation.</summary>
    public string Create(string options)
    {
        var json = JsonNode.Parse(options)!;
        UserHandle = Base64Url.DecodeFromChars((string)json["user"]!["id"]!);
        var data = AuthenticatorData(WithKey, [.. new byte[16], 0, (byte)_id.Length, .. _id, .. PublicKey()]);
        var attestation = new CborWriter();
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString("none");
        attestation.WriteTextString("attStmt");
        attestation.WriteStartMap(0);
        attestation.WriteEndMap();
        attestation.WriteTextString("authData");
        attestation.WriteByteString(data);
        attestation.WriteEndMap();
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(ClientData("webauthn.create", (string)json["challenge"]!)),
            ["attestationObject"] = Base64Url.EncodeToString(attestation.Encode()),
            ["transports"] = new JsonArray("internal"),
        });
    }

    /// <summary>The answer to the options of a sign-in.</summary>
    public string Get(string options)
    {
        var (data, client) = (
            AuthenticatorData(0, []), ClientData("webauthn.get", (string)JsonNode.Parse(options)!["challenge"]!));
        var signature = _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Answer(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(client),
            ["authenticatorData"] = Base64Url.EncodeToString(data),
            ["signature"] = Base64Url.EncodeToString(signature),
            ["userHandle"] = UserHandle.Length == 0 ? null : Base64Url.EncodeToString(UserHandle),
        });
    }

    /// <summary>Another key under the name of this one, as of somebody who knows it.</summary>
    public SoftPasskey Forged()
    {
        var forged = new SoftPasskey { UserHandle = UserHandle };
        _id.CopyTo(forged._id, 0);
        return forged;
    }

    public void Dispose() => _key.Dispose();

    private string Answer(JsonObject response) => new JsonObject
    {
        ["id"] = Id,
        ["rawId"] = Id,
        ["type"] = "public-key",
        ["response"] = response,
        ["clientExtensionResults"] = new JsonObject(),
    }.ToJsonString();

    private byte[] ClientData(string type, string challenge) => Encoding.UTF8.GetBytes(
        new JsonObject { ["type"] = type, ["challenge"] = challenge, ["origin"] = Origin, ["crossOrigin"] = false }.ToJsonString());

    private byte[] AuthenticatorData(byte flags, byte[] more)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        return
        [
            .. SHA256.HashData(Encoding.ASCII.GetBytes(SiteId)), (byte)(flags | UserPresent | (VerifiesUser ? UserVerified : 0)), .. count,
            .. more,
        ];
    }

    // COSE: kty EC2, alg ES256, crv P-256, x, y.
    private byte[] PublicKey()
    {
        var point = _key.ExportParameters(false).Q;
        var cose = new CborWriter();
        cose.WriteStartMap(5);
        foreach (var (key, value) in ((int, object)[])[(1, 2), (3, -7), (-1, 1), (-2, point.X!), (-3, point.Y!)])
        {
            cose.WriteInt32(key);
            if (value is byte[] bytes)
            {
                cose.WriteByteString(bytes);
            }
            else
            {
                cose.WriteInt32((int)value);
            }
        }

        cose.WriteEndMap();
        return cose.Encode();
    }
}
