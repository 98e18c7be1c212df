import type { PageName } from "../shared/types.ts";
import { Avatar } from "./avatar.tsx";
import { Logo } from "./logo.tsx";
import { SignedIn, SignedOut, useServerState } from "./portcullis.ts";
import { ThemeToggle } from "./theme-toggle.tsx";

export function NavBar({ page }: { page: PageName }) {
	const isAdmin = useServerState("user", (user) => user.isAdmin);
	const current = (name: PageName) => (page === name ? { "aria-current": "page" as const } : {});
	return (
		<header className="bar">
			<nav aria-label="Main">
				<a className="brand" href="/" {...current("landing")}>
					<Logo />
					<span>Team notes</span>
				</a>
				<ul>
					<SignedIn>
						<li>
							<a href="/notes" {...current("notes")}>
								Notes
							</a>
						</li>
					</SignedIn>
					{isAdmin && (
						<li>
							<a href="/admin" {...current("admin")}>
								Admin
							</a>
						</li>
					)}
				</ul>
				<div className="end">
					<ThemeToggle />
					<SignedIn>
						<Person />
						{/* A link, so that no script stands between: the gate's page ends the session at the identity provider without asking. */}
						<a className="button quiet" href="/logout">
							Sign out
						</a>
					</SignedIn>
					<SignedOut>
						<a className="button quiet" href="/login?redirect_to=/notes">
							Sign in
						</a>
					</SignedOut>
				</div>
			</nav>
		</header>
	);
}

function Person() {
	const { name, picture } = useServerState("user");
	return (
		<span className="person-chip">
			<Avatar name={name} picture={picture} size={32} />
			<span className="who">{name}</span>
		</span>
	);
}
