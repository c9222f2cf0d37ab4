/* One ordered pass over dictionary-encoded events: counts and waits of every pair of touchpoints.
   With `order` null the events lie in the order of time; the last event of every customer is remembered. */
#include <stdint.h>

void over_time(int64_t n, const int32_t *customer, const uint8_t *code, const int64_t *t, int64_t width,
               int64_t *last_t, int16_t *last_code, int64_t *count, int64_t *wait)
{
    for (int64_t i = 0; i < n; i++) {
        const int32_t who = customer[i];
        const int16_t before = last_code[who];
        if (before >= 0) {
            const int64_t pair = before * width + code[i];
            count[pair]++;
            wait[pair] += t[i] - last_t[who];
        }
        last_code[who] = code[i];
        last_t[who] = t[i];
    }
}

/* The same over events that lie customer by customer. */
void over_customers(int64_t n, const int32_t *customer, const uint8_t *code, const int64_t *t, int64_t width,
                    int64_t *last_t, int16_t *last_code, int64_t *count, int64_t *wait)
{
    for (int64_t i = 1; i < n; i++) {
        if (customer[i] == customer[i - 1]) {
            const int64_t pair = code[i - 1] * width + code[i];
            count[pair]++;
            wait[pair] += t[i] - t[i - 1];
        }
    }
}
