/* The C ABI as a C program uses it, compiled as C99 by the suite: c_api_test.cpp asks for the first thing wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <trueno.h>

const char* trueno_test_calls_from_c(void);

static char complaint[512];

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) {                                                           \
      snprintf(complaint, sizeof complaint, "line %d: %s", __LINE__, #condition); \
      return complaint;                                                           \
    }                                                                             \
  } while (0)

static const char* several_results(void) {
  const char* text =
      "kernel f(x: f32[], a: f64, b: i32, c: i64) -> (y: f32[], s: f64, n: i64, m: mask[]) {\n"
      "  x + f32(b), a*f64(sum(x)), c + count(), x > 3\n}";
  float x[5] = {1, 2, 3, 4, 5}, y[5];
  double s = 0;
  int64_t n = 0;
  trueno_kernel* kernel = NULL;
  trueno_error* error = NULL;
  trueno_status status = trueno_compile(text, TRUENO_NUL_TERMINATED, NULL, &kernel, &error);
  if (status != TRUENO_OK) {
    snprintf(complaint, sizeof complaint, "%s: %s", trueno_status_name(status), error->text);
    trueno_error_free(error);
    return complaint;
  }
  CHECK(error == NULL);
  trueno_arg in[4];
  trueno_out out[4];
  uint8_t m[5];
  in[0] = trueno_array(TRUENO_F32, x, 5);
  in[1] = trueno_f64(0.5);
  in[2] = trueno_i32(-7);
  in[3] = trueno_i64(-10000000000);
  out[0] = trueno_array_out(TRUENO_F32, y, 5);
  out[1] = trueno_scalar_out(TRUENO_F64, &s);
  out[2] = trueno_scalar_out(TRUENO_I64, &n);
  out[3] = trueno_array_out(TRUENO_MASK, m, 5);
  CHECK(trueno_run(kernel, in, 4, out, 4, NULL) == TRUENO_OK);
  CHECK(m[2] == 0 && m[3] == 1);
  CHECK(y[0] == -6.0f && y[4] == -2.0f);
  CHECK(s == 7.5);
  CHECK(n == -9999999995);
  CHECK(trueno_kernel_parameter_count(kernel) == 4 && trueno_kernel_result_count(kernel) == 4);
  CHECK(trueno_kernel_parameter(kernel, 3).type == TRUENO_I64 && trueno_kernel_parameter(kernel, 3).array == 0);
  CHECK(trueno_kernel_result(kernel, 0).array == 1 && trueno_kernel_result(kernel, 0).name[0] == 'y');
  CHECK(trueno_kernel_result(kernel, 4).name == NULL);
  CHECK(trueno_kernel_retain(kernel) == kernel);
  trueno_kernel_release(kernel);
  CHECK(trueno_run(kernel, in, 4, out, 4, NULL) == TRUENO_OK);
  trueno_kernel_release(kernel);
  return NULL;
}

static const char* mistakes(void) {
  trueno_kernel* kernel = NULL;
  trueno_error* error = NULL;
  trueno_options options = TRUENO_OPTIONS_INIT;
  const char* text = "kernel f(x: f32[]) -> f32[] {\n  x + yy + zz\n}";
  options.file = "mine.tir";
  CHECK(trueno_compile(text, TRUENO_NUL_TERMINATED, &options, &kernel, &error) == TRUENO_INVALID_TEXT);
  CHECK(kernel == NULL && error != NULL);
  CHECK(error->status == TRUENO_INVALID_TEXT && error->count == 2);
  CHECK(error->diagnostics[0]->line == 2 && error->diagnostics[0]->column == 7);
  CHECK(error->diagnostics[1]->line == 2 && error->diagnostics[1]->column == 12);
  CHECK(strcmp(error->diagnostics[1]->source_line, "  x + yy + zz") == 0);
  CHECK(strcmp(error->diagnostics[1]->file, "mine.tir") == 0);
  CHECK(strstr(error->diagnostics[1]->message, "zz") != NULL);
  CHECK(strstr(error->text, "mine.tir:2:12: error: ") != NULL);
  trueno_error_free(error);
  trueno_error_free(NULL);
  return NULL;
}

static const char* expression_and_rows(void) {
  trueno_name names[2] = {{"x", TRUENO_F32, 1}, {"a", TRUENO_TYPE_OPEN, 0}};
  float x[6] = {1, 2, 3, 4, 5, 6}, a[2] = {1, 10}, sums[2];
  trueno_kernel* kernel = NULL;
  trueno_rows_arg in[2];
  trueno_rows_out out;
  CHECK(trueno_compile_expression("sum(a*x)", 8, names, 2, NULL, &kernel, NULL) == TRUENO_OK);
  in[0] = trueno_matrix(TRUENO_F32, x, 2, 3, 3);
  in[1] = trueno_each(trueno_array(TRUENO_F32, a, 2));
  out = trueno_each_out(trueno_array_out(TRUENO_F32, sums, 2));
  CHECK(trueno_run_rows(kernel, in, 2, &out, 1, NULL) == TRUENO_OK);
  CHECK(sums[0] == 6.0f && sums[1] == 150.0f);
  trueno_kernel_release(kernel);

  float y[6];
  CHECK(trueno_compile_expression("a*x", 3, names, 2, NULL, &kernel, NULL) == TRUENO_OK);
  out = trueno_matrix_out(TRUENO_F32, y, 2, 3, 3);
  CHECK(trueno_run_rows(kernel, in, 2, &out, 1, NULL) == TRUENO_OK);
  CHECK(y[0] == 1.0f && y[5] == 60.0f);
  trueno_kernel_release(kernel);
  return NULL;
}

static const char* reductions(void) {
  float f[3] = {1.5f, -2.0f, 4.0f}, fr = 0;
  double d[3] = {1.5, -2.0, 4.0}, dr = 0;
  int32_t i[3] = {2000000000, 2000000000, -1}, ir = 0;
  int64_t l[3] = {5, -6, 7}, lr = 0;
  CHECK(trueno_sum_f32(f, 3, &fr, NULL) == TRUENO_OK && fr == 3.5f);
  CHECK(trueno_sum_f64(d, 3, &dr, NULL) == TRUENO_OK && dr == 3.5);
  CHECK(trueno_sum_i32(i, 3, &lr, NULL) == TRUENO_OK && lr == 3999999999);
  CHECK(trueno_sum_i64(l, 3, &lr, NULL) == TRUENO_OK && lr == 6);
  CHECK(trueno_mean_f32(f, 2, &fr, NULL) == TRUENO_OK && fr == -0.25f);
  CHECK(trueno_mean_f64(d, 2, &dr, NULL) == TRUENO_OK && dr == -0.25);
  CHECK(trueno_mean_i32(i, 2, &dr, NULL) == TRUENO_OK && dr == 2e9);
  CHECK(trueno_mean_i64(l, 3, &dr, NULL) == TRUENO_OK && dr == 2.0);
  CHECK(trueno_min_f32(f, 3, &fr, NULL) == TRUENO_OK && fr == -2.0f);
  CHECK(trueno_min_f64(d, 3, &dr, NULL) == TRUENO_OK && dr == -2.0);
  CHECK(trueno_min_i32(i, 3, &ir, NULL) == TRUENO_OK && ir == -1);
  CHECK(trueno_min_i64(l, 3, &lr, NULL) == TRUENO_OK && lr == -6);
  CHECK(trueno_max_f32(f, 3, &fr, NULL) == TRUENO_OK && fr == 4.0f);
  CHECK(trueno_max_f64(d, 3, &dr, NULL) == TRUENO_OK && dr == 4.0);
  CHECK(trueno_max_i32(i, 3, &ir, NULL) == TRUENO_OK && ir == 2000000000);
  CHECK(trueno_max_i64(l, 3, &lr, NULL) == TRUENO_OK && lr == 7);
  CHECK(trueno_dot_f32(f, f, 3, &fr, NULL) == TRUENO_OK && fr == 22.25f);
  CHECK(trueno_dot_f64(d, d, 3, &dr, NULL) == TRUENO_OK && dr == 22.25);
  fr = 42;
  CHECK(trueno_max_f32(NULL, 0, &fr, NULL) == TRUENO_EMPTY && fr == 42);
  CHECK(trueno_sum_f32(NULL, 0, &fr, NULL) == TRUENO_OK && fr == 0);
  return NULL;
}

/* Its code is the same wherever it lies, and can be moved. */
static const char* code(void) {
  const char* text = "kernel scaled_by_three(x: f32[]) -> f32[] { 3*x }";
  const char* moved = "[tuning]\ncode_offset = 17\n";
  trueno_options options = TRUENO_OPTIONS_INIT;
  trueno_kernel *kernel = NULL, *other = NULL;
  const float in[3] = {1, 2, 3};
  float out[3] = {0, 0, 0};
  trueno_arg arg = trueno_array(TRUENO_F32, in, 3);
  trueno_out result = trueno_array_out(TRUENO_F32, out, 3);
  const unsigned char *a, *b;
  size_t size = 1, other_size = 1;
  CHECK(trueno_kernel_code(NULL, &size) == NULL && size == 0);
  CHECK(trueno_kernel_code(NULL, NULL) == NULL);
  options.backend = TRUENO_INTERPRETER;
  CHECK(trueno_compile(text, TRUENO_NUL_TERMINATED, &options, &kernel, NULL) == TRUENO_OK);
  size = 1;
  CHECK(trueno_kernel_code(kernel, &size) == NULL && size == 0);
  trueno_kernel_release(kernel);
  CHECK(trueno_compile(text, TRUENO_NUL_TERMINATED, NULL, &kernel, NULL) == TRUENO_OK);
  CHECK(trueno_compile(text, TRUENO_NUL_TERMINATED, NULL, &other, NULL) == TRUENO_OK);
  a = trueno_kernel_code(kernel, &size);
  b = trueno_kernel_code(other, &other_size);
  if (trueno_kernel_backend(kernel) == TRUENO_JIT) {
    CHECK(a != NULL && a != b && size == other_size && memcmp(a, b, size) == 0);
    trueno_kernel_release(other);
    CHECK(trueno_configure(moved, TRUENO_NUL_TERMINATED, "moved", NULL) == TRUENO_OK);
    CHECK(trueno_compile(text, TRUENO_NUL_TERMINATED, NULL, &other, NULL) == TRUENO_OK);
    b = trueno_kernel_code(other, &other_size);
    CHECK(other_size >= size && b[0] == b[16] && memcmp(a, b + 32, 8) == 0); /* functions begin at multiples of 16 */
    CHECK(trueno_configure("", 0, "moved", NULL) == TRUENO_OK);
  }
  CHECK(trueno_run(other, &arg, 1, &result, 1, NULL) == TRUENO_OK && out[2] == 9);
  trueno_kernel_release(kernel);
  trueno_kernel_release(other);
  return NULL;
}

static const char* cache_and_configuration(void) {
  const char* text = "kernel scaled_by_three(x: f32[]) -> f32[] { 3*x }";
  trueno_name x = {"x", TRUENO_F32, 1};
  trueno_kernel *first = NULL, *second = NULL;
  trueno_error* error = NULL;
  CHECK(trueno_cached(text, TRUENO_NUL_TERMINATED, NULL, &first, NULL) == TRUENO_OK);
  CHECK(trueno_cached(text, TRUENO_NUL_TERMINATED, NULL, &second, NULL) == TRUENO_OK);
  CHECK(trueno_kernel_name(first) == trueno_kernel_name(second)); /* one kernel */
  CHECK(trueno_kernel_withdrawn(first) == 0 && trueno_kernel_withdrawn(NULL) == -1);
  trueno_kernel_release(first);
  trueno_kernel_release(second);
  CHECK(trueno_cached_expression("3*x", 3, &x, 1, NULL, &first, NULL) == TRUENO_OK);
  trueno_kernel_release(first);
  CHECK(trueno_clear_cache(NULL) == TRUENO_OK);
  CHECK(trueno_configure("nonsense = 1\n", TRUENO_NUL_TERMINATED, "mine.toml", &error) != TRUENO_OK);
  CHECK(strstr(error->text, "mine.toml:1:1:") != NULL && strstr(error->text, "nonsense") != NULL);
  trueno_error_free(error);
  CHECK(trueno_configure("", 0, "mine.toml", NULL) == TRUENO_OK); /* takes it back */
  CHECK(trueno_configure(NULL, 1, NULL, NULL) == TRUENO_INVALID_ARGUMENT);
  return NULL;
}

const char* trueno_test_calls_from_c(void) {
  const char* wrong = several_results();
  if (!wrong) wrong = mistakes();
  if (!wrong) wrong = expression_and_rows();
  if (!wrong) wrong = reductions();
  if (!wrong) wrong = cache_and_configuration();
  if (!wrong) wrong = code();
  return wrong;
}
