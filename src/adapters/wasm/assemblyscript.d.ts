// AssemblyScript's names of number types, as TypeScript sees them in the files of src/kernel that both compile.

declare global {
  type usize = number
  type i32 = number
  type u32 = number
  type f32 = number
}

export {}
