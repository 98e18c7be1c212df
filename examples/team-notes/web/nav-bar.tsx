import type { PageName, Viewer } from "../shared/types.ts";
import { Logo } from "./logo.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";

export function NavBar({ page, viewer }: { page: PageName; viewer: Viewer | null }) {
	const current = (name: PageName) => (page === name ? { "aria-current": "page" as const } : {});
	return (
		<header className="bar">
			<nav aria-label="Main">
				<a className="brand" href="/" {...current("landing")}>
					<Logo />
					<span>Team notes</span>
				</a>
				<ul>
					{viewer && (
						<li>
							<a href="/notes" {...current("notes")}>
								Notes
							</a>
						</li>
					)}
					{viewer?.isAdmin && (
						<li>
							<a href="/admin" {...current("admin")}>
								Admin
							</a>
						</li>
					)}
				</ul>
				<div className="end">
					<ThemeToggle />
					{viewer ? (
						<a className="button quiet" href="/logout">
							Sign out<span className="who"> {viewer.name}</span>
						</a>
					) : (
						<a className="button quiet" href="/login?redirect_to=/notes">
							Sign in
						</a>
					)}
				</div>
			</nav>
		</header>
	);
}
