import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { generate } from "selfsigned";

/** PEM. */
export interface Certificate {
	readonly key: string;
	readonly cert: string;
}

const folder = fileURLToPath(new URL("../.tmp/", import.meta.url));
const DAY = 86_400_000;

/**
 * A certificate for localhost that no authority signed, for development: WebKit keeps no `Secure`
 * cookies on plain http, not even on localhost. Made at first use and kept, so that a browser that
 * was told to trust it need not be told again.
 */
export async function selfSignedCertificate(): Promise<Certificate> {
	const kept = readKept();
	if (kept) return kept;
	const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		algorithm: "sha256",
		notAfterDate: new Date(Date.now() + 365 * DAY),
		extensions: [
			{ name: "basicConstraints", cA: false, critical: true },
			{ name: "keyUsage", digitalSignature: true, critical: true },
			{ name: "extKeyUsage", serverAuth: true },
			{
				name: "subjectAltName",
				altNames: [
					{ type: 2, value: "localhost" },
					{ type: 7, ip: "127.0.0.1" },
					{ type: 7, ip: "::1" },
				],
			},
		],
	});
	mkdirSync(folder, { recursive: true });
	// The key signs for localhost only, and only this user can read it.
	writeFileSync(`${folder}localhost.key.pem`, key, { mode: 0o600 });
	writeFileSync(`${folder}localhost.cert.pem`, cert);
	return { key, cert };
}

function readKept(): Certificate | undefined {
	try {
		const key = readFileSync(`${folder}localhost.key.pem`, "utf8");
		const cert = readFileSync(`${folder}localhost.cert.pem`, "utf8");
		return new X509Certificate(cert).validToDate.getTime() > Date.now() + DAY
			? { key, cert }
			: undefined;
	} catch {
		return undefined;
	}
}
