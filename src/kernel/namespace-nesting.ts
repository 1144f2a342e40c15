/** How deep namespaces may be nested below the initial one (create_user_ns(), MAX_PID_NS_LEVEL). */
export const DEEPEST = { user: 33, pid: 32 } as const

/** What a user namespace other than the initial one allows until it is told otherwise (create_user_ns()). */
export const UNLIMITED = 2_147_483_647
