import { NavLink } from "react-router";
import { Avatar } from "./avatar.tsx";
import { useServerState } from "./portcullis.ts";

/**
 * The navigation: it offers what opens for the person. What they type by hand is decided by the
 * gate.
 */
export function SiteHeader() {
	const { hasRole, isAdmin, name, picture } = useServerState("profile");
	return (
		<header className="site-header">
			<a className="brand" href={hasRole ? "/" : "/profile"}>
				Dashboard
			</a>
			<nav aria-label="Pages">
				{hasRole && (
					<NavLink to="/" end>
						Overview
					</NavLink>
				)}
				{isAdmin && <NavLink to="/admin">Admin</NavLink>}
				<NavLink to="/profile">Profile</NavLink>
			</nav>
			<div className="account">
				<Avatar name={name} picture={picture} />
				<span className="account-name">{name}</span>
				{/* A document of the gate, which goes on to the identity provider with a hint who it is: that one need not ask again. */}
				<a className="button quiet" href="/logout">
					Sign out
				</a>
			</div>
		</header>
	);
}
