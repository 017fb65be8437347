using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Bioscope.Server.Proofs;

/// <summary>The installation's Ed25519 key, which signs frozen views (RFC 8032).</summary>
internal sealed class ProofKey
{
    private readonly byte[] _seed;

    /// <param name="seed">The private key: 32 bytes as 64 hexadecimal characters.</param>
    public ProofKey(string seed)
    {
        _seed = Convert.FromHexString(seed);
        var key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_seed, key);
        Public = PublicProofKey.Of(key);
    }

    public PublicProofKey Public { get; }

    public byte[] Sign(byte[] message)
    {
        var signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, 0, message, 0, message.Length, signature, 0);
        return signature;
    }
}

/// <summary>A public key as JWK (RFC 8037).</summary>
/// <param name="X">The key, base64url.</param>
/// <param name="Kid">Its thumbprint (RFC 7638).</param>
internal sealed record PublicProofKey(string X, string Kid)
{
    public string Kty { get; init; } = "OKP";

    public string Crv { get; init; } = "Ed25519";

    public string Alg { get; init; } = "EdDSA";

    public string Use { get; init; } = "sig";

    public static PublicProofKey Of(byte[] key)
    {
        var x = Base64Url.EncodeToString(key);
        var thumbprint = SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"Ed25519","kty":"OKP","x":"{{x}}"}"""));
        return new PublicProofKey(x, Base64Url.EncodeToString(thumbprint));
    }

    /// <summary>Whether the private key made that signature of the message.</summary>
    public bool Verifies(byte[] message, byte[] signature)
    {
        var key = new byte[Ed25519.PublicKeySize];
        return Base64Url.DecodeFromChars(X, key, out _, out var length) == OperationStatus.Done && length == key.Length
            && signature.Length == Ed25519.SignatureSize
            && Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length);
    }
}

/// <summary>A set of public keys (RFC 7517).</summary>
internal sealed record ProofKeySet(IReadOnlyList<PublicProofKey> Keys);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ProofKeySet))]
internal sealed partial class ProofKeyJson : JsonSerializerContext;
