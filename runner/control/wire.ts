// Views as they come over the wire: JSON holds money as decimal text.

export type Wire<View> = { readonly [Key in keyof View]: View[Key] extends bigint ? string : View[Key] }
