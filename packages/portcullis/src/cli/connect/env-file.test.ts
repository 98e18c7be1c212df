import { execFileSync } from "node:child_process";
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isExposedToGit, projectRoot, replacePrivately, withVariables } from "./env-file.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "portcullis-env-"));
	// Or a repository further up would be found.
	mkdirSync(join(folder, ".git"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("withVariables", () => {
	it("keeps every other line, comment and blank line, replaces in place and appends", () => {
		const before = "# Mine\nA=1\n\nexport OKTA_CLIENT_ID=old # gone\nB='two words'\n\n";
		const after = withVariables(before, { OKTA_CLIENT_ID: "new", OKTA_CLIENT_SECRET: "s3cret" });
		expect(after).toBe(
			"# Mine\nA=1\n\nexport OKTA_CLIENT_ID=new\nB='two words'\nOKTA_CLIENT_SECRET=s3cret\n",
		);
	});

	it("leaves no former value of a secret behind, wherever it stands", () => {
		const after = withVariables("S=one\nA=1\n  S = two\nT=3\n", { S: undefined });
		expect(after).toBe("A=1\nT=3\n");
		expect(withVariables("S=one\nA=1\nS=two\n", { S: "three" })).toBe("A=1\nS=three\n");
	});

	it("takes no line of a longer value for a variable", () => {
		const before = 'KEY="-----BEGIN\nS=not one\n-----END"\nS=old\n';
		expect(withVariables(before, { S: "new" })).toBe(
			'KEY="-----BEGIN\nS=not one\n-----END"\nS=new\n',
		);
	});

	it("replaces a longer value as a whole", () => {
		expect(withVariables('S="one\ntwo"\nA=1\n', { S: "new" })).toBe("S=new\nA=1\n");
	});

	it("keeps the line ends of Windows", () => {
		expect(withVariables("A=1\r\nS=old\r\n", { S: "new", T: "2" })).toBe("A=1\r\nS=new\r\nT=2\r\n");
	});

	it.each([
		"plain",
		"with space",
		"a#b",
		'say "hi"',
		"it's",
		"$HOME",
		"back\\slash\\n",
		"`tick`",
		"a=b==",
		"",
		"ünïcode",
		"both ' and $",
	])("writes %j so that it is read back", (value) => {
		expect(parseEnv(withVariables("A=1\n", { S: value }))).toEqual({ A: "1", S: value });
	});

	it.each(["two\nlines", "all of ' \" ` $"])("refuses %j", (value) => {
		expect(() => withVariables("", { S: value })).toThrow(RangeError);
	});
});

describe("replacePrivately", () => {
	it("writes a file that its owner alone can read, and nothing beside it", () => {
		const file = join(folder, ".env");
		writeFileSync(file, "A=1\n", { mode: 0o644 });
		replacePrivately(file, (text) => `${text}B=2\n`);
		expect(readFileSync(file, "utf8")).toBe("A=1\nB=2\n");
		expect(statSync(file).mode & 0o777).toBe(0o600);
		expect(readdirSync(folder).sort()).toEqual([".env", ".git"]);
	});

	it("follows a link", () => {
		const shared = join(folder, "shared.env");
		writeFileSync(shared, "A=1\n");
		symlinkSync(shared, join(folder, ".env"));
		replacePrivately(join(folder, ".env"), () => "B=2\n");
		expect(readFileSync(shared, "utf8")).toBe("B=2\n");
	});

	it("leaves the file as it was if the change fails", () => {
		const file = join(folder, ".env");
		writeFileSync(file, "A=1\n");
		expect(() =>
			replacePrivately(file, () => {
				throw new RangeError("no");
			}),
		).toThrow("no");
		expect(readFileSync(file, "utf8")).toBe("A=1\n");
	});
});

describe("projectRoot", () => {
	const inside = (...path: string[]) => {
		mkdirSync(join(folder, ...path), { recursive: true });
		return join(folder, ...path);
	};

	it("is the root of a workspace, from any app of it", () => {
		writeFileSync(join(folder, "package.json"), '{"workspaces":["apps/*"]}');
		const app = inside("apps", "web", "src");
		writeFileSync(join(folder, "apps", "web", "package.json"), "{}");
		expect(projectRoot(app)).toBe(folder);
		rmSync(join(folder, "package.json"));
		writeFileSync(join(folder, "pnpm-workspace.yaml"), "");
		expect(projectRoot(app)).toBe(folder);
	});

	it("is the nearest package elsewhere, and the folder itself where there is none", () => {
		const deep = inside("app", "src");
		expect(projectRoot(deep)).toBe(deep);
		writeFileSync(join(folder, "app", "package.json"), "{}");
		expect(projectRoot(deep)).toBe(join(folder, "app"));
	});

	it("is never beyond the repository", () => {
		const inner = inside("vendor", "app");
		mkdirSync(join(inner, ".git"));
		writeFileSync(join(folder, "package.json"), '{"workspaces":[]}');
		expect(projectRoot(inner)).toBe(inner);
	});
});

it("Git would commit a file that nothing ignores, and one that is tracked", () => {
	rmSync(join(folder, ".git"), { recursive: true });
	const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });
	const file = join(folder, ".env");
	writeFileSync(file, "A=1\n");
	git("init");
	expect(isExposedToGit(file)).toBe(true);
	writeFileSync(join(folder, ".gitignore"), ".env\n");
	expect(isExposedToGit(file)).toBe(false);
	git("add", "-f", ".env");
	expect(isExposedToGit(file)).toBe(true);
});
