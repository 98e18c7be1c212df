import { generate } from "selfsigned";

/** For an app on https://localhost: WebKit keeps no Secure cookie on plain http, not even there. */
export async function makeCertificate(): Promise<{ cert: string; key: string }> {
	const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		algorithm: "sha256",
		extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
	});
	return { cert, key };
}
